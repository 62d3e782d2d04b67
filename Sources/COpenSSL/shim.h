// OpenSSL 3.0 or later; macros and variadics as inline functions. Only the target OpenSSL imports this.
#ifndef SCEAU_COPENSSL_SHIM_H
#define SCEAU_COPENSSL_SHIM_H
#include <openssl/opensslv.h>
#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "Sceau needs OpenSSL 3.0 or later"
#endif
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/ts.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// ---- cryptography: memory, keys, certificates, CMS ----

static inline void *sceau_malloc(size_t count) { return OPENSSL_malloc(count); }
static inline void sceau_free(void *memory) { OPENSSL_free(memory); }
static inline void sceau_clear_free(void *memory, size_t count) { OPENSSL_clear_free(memory, count); }

/// The bytes a memory BIO holds; valid until it is written or freed.
static inline size_t sceau_bio_bytes(BIO *bio, const unsigned char **bytes) {
    char *start = NULL;
    long count = BIO_get_mem_data(bio, &start);
    *bytes = (const unsigned char *)start;
    return count > 0 ? (size_t)count : 0;
}

/// The cipher context behind the BIO that CMS_dataInit made: bytes go straight through it, not through 4 KiB BIO writes.
static inline EVP_CIPHER_CTX *sceau_bio_cipher(BIO *bio) {
    EVP_CIPHER_CTX *context = NULL;
    return BIO_get_cipher_ctx(bio, &context) > 0 ? context : NULL;
}

// ---- SHA-256 that goes on after a restart: EVP exports no state before 3.5, so this is the one deprecated type we use ----

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline int sceau_sha256_start(SHA256_CTX *state) { return SHA256_Init(state); }
static inline int sceau_sha256_update(SHA256_CTX *state, const void *bytes, size_t count) {
    return SHA256_Update(state, bytes, count);
}
static inline int sceau_sha256_finish(unsigned char *digest, SHA256_CTX *state) { return SHA256_Final(digest, state); }
#pragma GCC diagnostic pop

static inline EVP_PKEY *sceau_p256_generate(void) { return EVP_EC_gen("P-256"); }
static inline EVP_PKEY *sceau_rsa_generate(size_t bits) { return EVP_RSA_gen(bits); }
static inline EVP_PKEY *sceau_ed25519_generate(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

/// Adds one extension written in OpenSSL's configuration syntax to a certificate; its issuer is itself where it signs itself.
static inline int sceau_x509_extend(X509 *certificate, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (extension == NULL) return 0;
    int added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

/// The bytes of a certificate's subject alternative name number `index` if it is a DNS name or an address: lent as long as `names` lives.
static inline int sceau_name_at(const GENERAL_NAMES *names, int index, const unsigned char **bytes, int *count) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (name == NULL || (name->type != GEN_DNS && name->type != GEN_IPADD)) return -1;
    const ASN1_STRING *text = name->type == GEN_DNS ? (const ASN1_STRING *)name->d.dNSName : (const ASN1_STRING *)name->d.iPAddress;
    *bytes = ASN1_STRING_get0_data(text);
    *count = ASN1_STRING_length(text);
    return name->type;
}
static inline int sceau_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

/// Adds one subject alternative name, DNS or IP, as data: no name ever passes through configuration syntax.
static inline int sceau_names_add(GENERAL_NAMES *names, int kind, const unsigned char *bytes, int count) {
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *text = ASN1_STRING_type_new(kind == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
    if (name == NULL || text == NULL || !ASN1_STRING_set(text, bytes, count)) {
        GENERAL_NAME_free(name);
        ASN1_STRING_free(text);
        return 0;
    }
    GENERAL_NAME_set0_value(name, kind, text);
    if (sk_GENERAL_NAME_push(names, name) <= 0) {
        GENERAL_NAME_free(name);
        return 0;
    }
    return 1;
}

/// Hands a passphrase lent by the caller to OpenSSL's PEM, PKCS#8 and store readers.
struct sceau_passphrase { const unsigned char *bytes; size_t count; };
static inline int sceau_passphrase_give(char *buffer, int size, int writing, void *context) {
    (void)writing;
    const struct sceau_passphrase *passphrase = (const struct sceau_passphrase *)context;
    if (passphrase == NULL || passphrase->bytes == NULL || size < 0 || passphrase->count > (size_t)size) return -1;
    for (size_t i = 0; i < passphrase->count; i++) buffer[i] = (char)passphrase->bytes[i];
    return (int)passphrase->count;
}

// ---- RFC 3161 ----

/// Whether timeStamping is the one extended usage of a certificate, and marked critical (RFC 3161, 2.3).
static inline int sceau_x509_only_stamps(const X509 *certificate) {
    int critical = -1;
    EXTENDED_KEY_USAGE *usages =
        (EXTENDED_KEY_USAGE *)X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, NULL);
    int only = usages != NULL && critical == 1 && sk_ASN1_OBJECT_num(usages) == 1
        && OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, 0)) == NID_time_stamp;
    EXTENDED_KEY_USAGE_free(usages);
    return only;
}

/// The one signer of a CMS whose certificate lies in it, or null. Owned by the CMS.
static inline X509 *sceau_pkcs7_signer(PKCS7 *token) {
    STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0);
    X509 *signer = sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;
    sk_X509_free(signers);
    return signer;
}

/// The certificates that lie in a CMS of type signed data; owned by it, null where there are none.
static inline STACK_OF(X509) *sceau_pkcs7_certificates(PKCS7 *token) {
    return PKCS7_type_is_signed(token) && token->d.sign != NULL ? token->d.sign->cert : NULL;
}

static inline int sceau_certificates_count(const STACK_OF(X509) *list) { return list == NULL ? 0 : sk_X509_num(list); }
static inline X509 *sceau_certificates_at(const STACK_OF(X509) *list, int index) { return sk_X509_value(list, index); }

/// Whether the last error of this thread is of ESS: the signing certificate that a token names is not the signer's.
static inline int sceau_error_is_ess(void) { return ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_ESS; }

/// What an authority's callbacks give: the instant and the serial number of one token, or that there is no time.
struct sceau_stamp { long seconds; long microseconds; unsigned char serial[16]; int has_time; };

static inline int sceau_stamp_time(TS_RESP_CTX *context, void *data, long *seconds, long *microseconds) {
    const struct sceau_stamp *stamp = (const struct sceau_stamp *)data;
    if (!stamp->has_time) {
        TS_RESP_CTX_set_status_info(context, TS_STATUS_REJECTION, "Time is not available.");
        TS_RESP_CTX_add_failure_info(context, TS_INFO_TIME_NOT_AVAILABLE);
        return 0;
    }
    *seconds = stamp->seconds;
    *microseconds = stamp->microseconds;
    return 1;
}

static inline ASN1_INTEGER *sceau_stamp_serial(TS_RESP_CTX *context, void *data) {
    const struct sceau_stamp *stamp = (const struct sceau_stamp *)data;
    BIGNUM *number = BN_bin2bn(stamp->serial, sizeof stamp->serial, NULL);
    ASN1_INTEGER *serial = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);
    BN_free(number);
    if (serial == NULL) {
        TS_RESP_CTX_set_status_info(context, TS_STATUS_REJECTION, "No serial number could be made.");
        TS_RESP_CTX_add_failure_info(context, TS_INFO_SYSTEM_FAILURE);
    }
    return serial;
}

/// Gives an authority what it makes one token of. `stamp` outlives the context.
static inline void sceau_stamp_set(TS_RESP_CTX *context, struct sceau_stamp *stamp) {
    TS_RESP_CTX_set_time_cb(context, sceau_stamp_time, stamp);
    TS_RESP_CTX_set_serial_cb(context, sceau_stamp_serial, stamp);
}

// ---- TLS ----

// What both ends want. READ_AHEAD: one read(2) a record at most instead of two, and with a buffer of several records one for
// many (sceau_tls_read_much); RELEASE_BUFFERS gives that buffer back when a connection is idle.
static inline int sceau_tls_configure(SSL_CTX *context, int minimum) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return SSL_CTX_set_min_proto_version(context, minimum)
        && SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
}

// From now on much is to be read: a buffer of several records, also in the place of one that is there and empty.
static inline void sceau_tls_read_much(SSL *connection) {
    SSL_set_default_read_buffer_len(connection, 64 * 1024);
    SSL_free_buffers(connection);
}

// RFC 7301: http/1.1 or nothing. A client that offers only other protocols was not looking for us (ALPACA).
static inline int sceau_tls_select_http(
    SSL *connection, const unsigned char **out, unsigned char *length, const unsigned char *in, unsigned int count, void *unused) {
    static const unsigned char http[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    (void)connection;
    (void)unused;
    if (SSL_select_next_proto((unsigned char **)out, length, http, sizeof http, in, count) == OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_OK;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static inline void sceau_tls_configure_server(SSL_CTX *context) {
    SSL_CTX_set_alpn_select_cb(context, sceau_tls_select_http, NULL);
    // One stateless ticket a handshake in 1.3 (resumption there still makes a fresh key exchange), none in 1.2.
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET * (SSL_CTX_get_min_proto_version(context) < TLS1_3_VERSION));
}

static inline int sceau_tls_set_server_name(SSL *connection, const char *name) {
    return (int)SSL_set_tlsext_host_name(connection, name);
}

#endif
