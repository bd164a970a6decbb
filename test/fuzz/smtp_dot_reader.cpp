#include "smtp/dot_reader.hpp"

#include "cut.hpp"
#include "require.hpp"

using namespace postern::smtp;

namespace {

/// RFC 5321 4.5.2 word for word, on the whole text at once: what the reader must agree with.
struct model {
    std::string message;
    bool finished = false;
    std::size_t consumed = 0;

    explicit model(std::string_view octets) {
        while (consumed < octets.size()) {  // each turn starts at the start of a line
            const auto rest = octets.substr(consumed);
            if (rest.starts_with(".\r\n")) {
                consumed += 3;
                finished = true;
                return;
            }
            if (rest == "." || rest == ".\r") {  // undecided
                consumed = octets.size();
                return;
            }
            if (rest.front() == '.') ++consumed;
            const auto line_end = octets.find("\r\n", consumed);
            const auto end = line_end == std::string_view::npos ? octets.size() : line_end + 2;
            message += octets.substr(consumed, end - consumed);
            consumed = end;
        }
    }
};

octet_fault fault_of(std::string_view octets) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (octets[i] == '\0') return octet_fault::nul;
        if (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r')) return octet_fault::bare_lf;
        if (octets[i] == '\r' && i + 1 < octets.size() && octets[i + 1] != '\n') return octet_fault::bare_cr;
    }
    return octet_fault::none;
}

}  // namespace

/// However the octets are cut, the message, its end and its faults are those of the plain reading.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cut_input input(data, size);
    const model expected(input.octets());

    const auto check = [&](auto next_size) {
        dot_reader reader;
        string_sink out;
        std::size_t consumed = 0;
        bool finished = false;
        while (!finished && consumed < input.octets().size()) {
            const auto piece = input.octets().substr(consumed, next_size());
            const auto progress = reader.feed(piece, out);
            require(progress.finished || progress.consumed == piece.size());
            consumed += progress.consumed;
            finished = progress.finished;
        }
        require(out.octets() == expected.message && finished == expected.finished && consumed == expected.consumed);
        require(reader.first_fault() == fault_of(input.octets().substr(0, consumed)));
    };
    check([&input] { return input.octets().size(); });
    check([&input] { return input.next_size(); });
    return 0;
}
