#include <algorithm>
#include <string>

#include "core/unicode.hpp"
#include "cut.hpp"
#include "message/submission_filter.hpp"
#include "require.hpp"

using namespace postern;
using message::submission_edit;
using message::submission_filter;

namespace {

const message::submission_defaults defaults{.now = {}, .unique = "u", .domain = "d.test", .sender = "s@d.test"};

}  // namespace

/// However a submitted message is cut, the same goes out; and but for what was added in front and for the lines that were
/// removed it is what came in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cut_input input(data, size);
    const auto octets = input.octets();
    std::string whole;
    submission_filter at_once(defaults, [&whole](std::string_view out) { whole += out; });
    at_once.append(octets);
    at_once.finish();

    std::string pieces;
    submission_filter cut(defaults, [&pieces](std::string_view out) { pieces += out; });
    for (auto rest = octets; !rest.empty();) {
        const auto piece = rest.substr(0, input.next_size());
        cut.append(piece);
        rest.remove_prefix(piece.size());
    }
    cut.finish();
    require(whole == pieces);

    const auto& edit = at_once.edit();
    require(cut.edit().found == edit.found && cut.edit().prefix == edit.prefix && cut.edit().removed == edit.removed);
    if (edit.found == submission_edit::fault::header_too_large) {
        require(whole.empty());
        return 0;
    }
    std::string expected(octets);
    for (auto range = edit.removed.rbegin(); range != edit.removed.rend(); ++range) {
        require(range->begin + range->size <= expected.size());
        expected.erase(range->begin, range->size);
    }
    const std::string separator = expected.size() == octets.size() && whole == edit.prefix + "\r\n" + expected ? "\r\n" : "";
    require(whole == edit.prefix + separator + expected);
    if (edit.found == submission_edit::fault::none) require(!edit.from.empty() && edit.senders.size() <= 1);
    for (const auto& address : edit.from) require(address.contains('@') && core::is_utf8(address));
    return 0;
}
