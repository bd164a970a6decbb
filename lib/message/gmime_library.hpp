#pragma once

#include <memory>

#include <gmime/gmime.h>

/// The one door to GMime. Included by .cpp files of this folder only: GMime's types never show in a header others read.
namespace postern::message {

struct object_deleter {
    void operator()(void* object) const noexcept { g_object_unref(object); }
};
template <class T>
using gmime_object = std::unique_ptr<T, object_deleter>;

struct memory_deleter {
    void operator()(void* memory) const noexcept { g_free(memory); }
};
using gmime_string = std::unique_ptr<char, memory_deleter>;

/// Initialises GMime and turns off GLib's log, once, from whichever thread comes first. Every public function of this folder
/// calls it before it does anything else.
void start_gmime();

/// How GMime is to read fields: leniently, trying UTF-8 and then Windows-1252 where no charset is declared. Never changed, so
/// shared by all threads.
[[nodiscard]] GMimeParserOptions* gmime_options();

}  // namespace postern::message
