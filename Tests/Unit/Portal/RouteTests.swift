import Foundation
import HTTP
import Procurement
import Testing

@testable import Portal

@Suite("Calls, as API.md says them")
struct RouteTests {
    private func route(_ method: String, _ path: [String]) throws(Refusal) -> Route {
        try Route(
            Request(
                method: Method(method), path: path, query: [], fields: Fields(), host: "vault.example",
                contentLength: nil, isChunked: false, expectsContinue: false, closes: false))
    }

    private func kind(_ method: String, _ path: [String]) -> Refusal.Kind? {
        do throws(Refusal) {
            _ = try route(method, path)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func eachCallIsARouteOfItsOwn() throws {
        let calls = try DocumentedCall.all()
        var names: Set<String> = []
        for call in calls {
            let route = try route(call.method, call.segments)
            names.insert("\(route)".split(separator: "(").first.map(String.init) ?? "")
        }
        #expect(calls.count == 79 && names.count == 78)
    }

    @Test func eachCallHasTheRolesThatAreSaid() throws {
        for call in try DocumentedCall.all() {
            let route = try route(call.method, call.segments)
            switch call.role {
            case "–": #expect(route.isPublic, "\(call)")
            case "host":
                #expect(!route.isPublic && route.action == nil, "\(call)")
            default:
                #expect(!route.isPublic, "\(call)")
                let action = try #require(route.action)
                let said = call.role == "any" ? Set(Role.allCases) : Set(call.role.components(separatedBy: ", ").compactMap(Role.init))
                let may = Role.allCases.filter { role in
                    Phase.allCases.contains { Permission.allows(action, to: [role], in: $0) }
                }
                #expect(Set(may) == said, "\(call)")
            }
        }
    }

    @Test func anotherMethodIsRefusedAndHEADIsGET() throws {
        let calls = try DocumentedCall.all()
        for call in calls {
            let possible = Set(calls.filter { $0.segments == call.segments }.map(\.method))
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "TRACE"] {
                let isPossible = possible.contains(method == "HEAD" ? "GET" : method)
                #expect(kind(method, call.segments) == (isPossible ? nil : .method), "\(method) \(call.path)")
            }
        }
    }

    @Test func nothingElseIsARoute() throws {
        for call in try DocumentedCall.all() {
            #expect(kind(call.method, call.segments + [""]) == .notFound, "\(call)/")
            #expect(kind(call.method, ["x"] + call.segments) == .notFound, "x/\(call)")
            for (index, segment) in call.segments.enumerated() where segment.utf8.count == 32 {
                for other in ["", "..", segment.uppercased(), segment + "0", String(segment.dropLast())] {
                    var path = call.segments
                    path[index] = other
                    #expect(kind(call.method, path) == .notFound, "\(call): \(other)")
                }
            }
        }
        let documents = try #require(try DocumentedCall.all().first { $0.path.contains("{n}") })
        for number in ["0", "01", "-1", "+1", "10001", "1.0", "", "٣"] {
            #expect(kind("GET", documents.segments.dropLast() + [number]) == .notFound, "\(number)")
        }
        #expect(kind("GET", []) == .notFound)
        #expect(kind("GET", ["api", "v1"]) == .notFound)
    }
}
