#include "config/options.hpp"

#include <fmt/format.h>
#include <boost/program_options/value_semantic.hpp>

#include "config/setting_table.hpp"

namespace postern::config {

boost::program_options::options_description describe_options() {
    namespace po = boost::program_options;
    po::options_description options;
    options.add_options()("config", po::value<std::string>());
    for (const auto& s : all_settings()) options.add_options()(s.name().c_str(), po::value<std::string>());
    return options;
}

std::string settings_help() {
    std::string text;
    std::string section;
    for (const auto& s : all_settings()) {
        if (s.section != section) {
            section = s.section;
            text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
        }
        text += fmt::format("  --{} (default {})\n      {}; {}\n", s.name(), s.default_text, s.help, s.allowed);
    }
    return text;
}

std::string settings_markdown() {
    std::string text = "| Setting | Default | Allowed | Meaning |\n| --- | --- | --- | --- |\n";
    for (const auto& s : all_settings())
        text += fmt::format("| `{}` | `{}` | {} | {} |\n", s.name(), s.default_text, s.allowed, s.help);
    return text;
}

}  // namespace postern::config
