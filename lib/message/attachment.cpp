#include "message/attachment.hpp"

#include "message/attachment_description.hpp"
#include "message/decoded_content.hpp"
#include "message/gmime_library.hpp"
#include "message/structure.hpp"

namespace postern::message {

namespace {

std::shared_ptr<const core::content> open_range(std::shared_ptr<const core::content> message, const encoded_range& range,
                                                std::uint64_t size) {
    if (range.encoding == transfer_encoding::identity) {
        return std::make_shared<slice_content>(std::move(message), range.begin, range.end);
    }
    return std::make_shared<decoded_content>(std::move(message), range, size);
}

}  // namespace

attachment describe_attachment(octet_window& window, const part& p, part_role role, std::size_t id) {
    return {.id = id,
            .filename = p.filename,
            .content_type = p.type + '/' + p.subtype,
            .size = decoded_size(window, p.body),
            .content_id = p.content_id,
            .is_inline = role == part_role::inline_ || p.disposition == part::disposition_kind::in_line};
}

std::optional<opened_attachment> open_attachment(std::shared_ptr<const core::content> message, std::size_t id) {
    start_gmime();
    octet_window window(*message);
    const auto structure = walk(window);
    const auto& parts = structure.parts();
    const auto roles = select_bodies(parts);
    std::size_t number = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!is_attachment(roles[i]) || ++number != id) continue;
        auto description = describe_attachment(window, parts[i], roles[i], id);
        const auto size = description.size;
        return opened_attachment{.description = std::move(description),
                                 .octets = open_range(std::move(message), parts[i].body, size)};
    }
    return std::nullopt;
}

}  // namespace postern::message
