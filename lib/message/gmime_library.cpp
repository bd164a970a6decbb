#include "message/gmime_library.hpp"

#include <array>

namespace postern::message {

namespace {

/// GMime and GLib complain about hostile input on stderr: a stranger could fill our log with lines of his own wording. What
/// they say when they are about to end the process is let through.
void drop_log(const gchar* domain, GLogLevelFlags level, const gchar* text, gpointer data) {
    if ((level & G_LOG_LEVEL_ERROR) != 0) g_log_default_handler(domain, level, text, data);
}

GMimeParserOptions* initialise() {
    for (const char* domain : {"GLib", "GLib-GObject", "gmime"}) g_log_set_handler(domain, G_LOG_LEVEL_MASK, drop_log, nullptr);
    g_mime_init();
    auto* options = g_mime_parser_options_new();
    std::array<const char*, 3> fallbacks = {"utf-8", "windows-1252", nullptr};
    g_mime_parser_options_set_fallback_charsets(options, fallbacks.data());
    return options;
}

}  // namespace

GMimeParserOptions* gmime_options() {
    static GMimeParserOptions* const options = initialise();
    return options;
}

void start_gmime() { static_cast<void>(gmime_options()); }

}  // namespace postern::message
