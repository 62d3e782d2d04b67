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
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// TLS

// What both ends want. READ_AHEAD with a buffer of several records: one read(2) fills many records instead of two reads
// for each; RELEASE_BUFFERS gives that buffer back when a connection is idle.
static inline int sceau_tls_configure(SSL_CTX *context, int minimum) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, 64 * 1024);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return SSL_CTX_set_min_proto_version(context, minimum)
        && SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
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
