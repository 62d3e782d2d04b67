import Client
import Foundation
import Linux
import Procurement
import Reception

/// An act of the host on its vault: through the daemon where one runs, by itself under the folder's lock where none does.
struct Administration {
    /// The configuration's file.
    let file: String
    let configuration: Configuration

    init(_ arguments: Arguments) throws(DaemonError) {
        file = arguments.required("config")
        configuration = try Configuration.read(file)
    }

    /// - Parameters:
    ///   - unknown: what is not known if the daemon goes away in the middle.
    func perform<Result>(
        unknown: String, alone: (OpenedVault) throws -> Result, through: (HostSocket) throws -> Result
    ) throws -> Result {
        let data = try DataFolder(configuration.data)
        let end = Clocks.monotonicMilliseconds() + DefaultLimits.administrationWait
        while true {
            if let lock = try data.locked() {
                return try withExtendedLifetime(lock) {
                    let opened = try OpenedVault(configuration, file: file, data, log: Log(.warning))
                    defer { opened.vault.stop() }
                    do { return try alone(opened) } catch let refusal as Refusal {
                        throw DaemonError("refused: \(refusal.detail ?? refusal.kind.rawValue)")
                    }
                }
            }
            do {
                return try through(HostSocket(data.socket))
            } catch ClientError.unreachable where Clocks.monotonicMilliseconds() < end {
                // A daemon that starts holds the lock before it listens; one that stops, after.
                usleep(100_000)
            } catch let error as ClientError {
                throw DaemonError(
                    "the daemon that holds \(data.path) does not answer: \(error)",
                    hint: "\(unknown) is unknown if the request had gone out")
            }
        }
    }
}
