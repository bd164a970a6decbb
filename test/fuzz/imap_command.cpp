#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "core/unicode.hpp"
#include "cut.hpp"
#include "imap/protocol/command_parser.hpp"
#include "imap/protocol/command_reader.hpp"
#include "imap/protocol/responses.hpp"
#include "require.hpp"

using namespace postern;
using namespace postern::imap;

namespace {

constexpr std::size_t limit = 1000;

struct told {
    std::size_t event = 0;
    std::string octets{};
    std::uint64_t size = 0;

    friend bool operator==(const told&, const told&) = default;
};

/// A session that takes messages, or refuses those it may, by their size.
struct session {
    command_reader reader{limit};
    std::uint64_t message_left = 0;
    std::vector<told> heard{};

    void hear(std::string_view input) {
        while (true) {
            if (message_left > 0) {
                const auto taken = std::min<std::uint64_t>(message_left, input.size());
                input.remove_prefix(static_cast<std::size_t>(taken));
                if (message_left -= taken; message_left > 0) return;
                reader.resume_after_message(true);
            }
            const auto [consumed, what] = reader.feed(input);
            require(consumed <= input.size());
            input.remove_prefix(consumed);
            if (std::holds_alternative<command_reader::more_input>(what)) return require(input.empty());
            note(what);
        }
    }

    void note(const command_reader::event& what) {
        told t{.event = what.index()};
        if (const auto* complete = std::get_if<command_reader::complete>(&what)) t.octets = complete->octets;
        if (const auto* faulty = std::get_if<command_reader::faulty>(&what)) {
            t.octets = faulty->octets;
            t.size = static_cast<std::uint64_t>(faulty->why);
        }
        if (const auto* message = std::get_if<command_reader::message_literal>(&what)) {
            t.octets = message->octets;
            t.size = message->size;
            require(message->size <= 0x7FFF'FFFF'FFFF'FFFF);
            if (message->waits && message->size % 2 == 1)
                reader.resume_after_message(false);
            else if (message->size == 0)
                reader.resume_after_message(true);
            else
                message_left = message->size;
        }
        require(t.octets.size() <= limit);
        require(t.octets.find('\0') == std::string::npos);
        heard.push_back(std::move(t));
    }
};

struct tree_size {
    std::size_t keys = 0;
    std::size_t deepest = 0;

    void count(const search_key& key, std::size_t depth) {
        ++keys;
        deepest = std::max(deepest, depth);
        for (const auto& inner : key.keys) count(inner, depth + 1);
    }
};

void check(const search_command& search) {
    tree_size size;
    size.count(search.key, 1);
    require(size.keys <= 1'000 && size.deepest <= 20);
}

/// What FETCH asks for, asked for again by the names in our answer, is the same.
void check(const fetch_command& fetch) {
    for (auto request : fetch.sections) {
        require(request.of.part.size() <= 50);
        request.partial.reset();
        std::string again = "a FETCH 1 ";
        write_section_name(again, request);
        const auto parsed = parse_command(again, false);
        require(parsed.has_value());
        const auto sections = std::get<fetch_command>(parsed->what).sections;
        require(sections.size() == 1 && sections.front().of == request.of && sections.front().spelled == request.spelled);
    }
    const auto ranges = fetch.messages.resolved(100);
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        require(ranges[i].from <= ranges[i].to);
        require(i == 0 || ranges[i - 1].to < ranges[i].from);
    }
}

void check(const append_command& append) { require(core::is_utf8(append.mailbox)); }

template <typename Command>
void check(const Command& /*other*/) {}

void parse(const std::string& octets) {
    const auto tag = read_tag(octets);
    require(!tag.empty());
    for (const bool utf8 : {false, true}) {
        const auto parsed = parse_command(octets, utf8);
        if (parsed) {
            require(parsed->tag == tag);
            std::visit([](const auto& command) { check(command); }, parsed->what);
        } else {
            require(parsed.error().tag == tag);
            require(!parsed.error().text.empty() && parsed.error().text.size() <= 200 && core::is_ascii(parsed.error().text));
        }
    }
}

}  // namespace

/// However the octets are cut, a session hears the same; and all it hears is parsed or gets a refusal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cut_input input(data, size);
    session whole;
    whole.hear(input.octets());

    session pieces;
    for (auto rest = input.octets(); !rest.empty();) {
        const auto piece = rest.substr(0, input.next_size());
        pieces.hear(piece);
        rest.remove_prefix(piece.size());
    }
    require(whole.heard == pieces.heard);
    require(whole.message_left == pieces.message_left);
    require(whole.reader.in_command() == pieces.reader.in_command());
    for (const auto& t : whole.heard) parse(t.octets);
    // What a reader never lets through is no command either, but no worse.
    parse(std::string(input.octets().substr(0, 4096)));
    return 0;
}
