import Foundation

/// Whether this is a zone of the IANA database that the host knows.
func isTimeZone(_ name: String) -> Bool {
    name.utf8.count <= 64 && TimeZone(identifier: name) != nil
}
