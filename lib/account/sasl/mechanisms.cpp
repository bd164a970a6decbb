#include "account/sasl/mechanisms.hpp"

#include <utility>

#include "account/sasl/login.hpp"
#include "account/sasl/plain.hpp"
#include "account/sasl/scram_sha256.hpp"

namespace postern::account::sasl {

std::vector<std::string> offered(bool channel_binding) {
    std::vector<std::string> names;
    if (channel_binding) names.emplace_back("SCRAM-SHA-256-PLUS");
    for (const auto* name : {"SCRAM-SHA-256", "PLAIN", "LOGIN"}) names.emplace_back(name);
    return names;
}

std::unique_ptr<mechanism> make_mechanism(std::string_view name, context with) {
    if (name == "PLAIN") return std::make_unique<plain>(std::move(with));
    if (name == "LOGIN") return std::make_unique<login>(std::move(with));
    if (name == "SCRAM-SHA-256") return std::make_unique<scram_sha256>(std::move(with), false);
    if (name == "SCRAM-SHA-256-PLUS" && with.tls_exporter) return std::make_unique<scram_sha256>(std::move(with), true);
    return nullptr;
}

}  // namespace postern::account::sasl
