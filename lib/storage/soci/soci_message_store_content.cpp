#include <fmt/format.h>

#include "storage/soci/soci_message_store.hpp"
#include "storage/soci/stored_content.hpp"

namespace postern::storage {
namespace {

core::result<stored_parts> find_parts(connection& on, message_id id, std::uint64_t memory_limit) {
    auto found = select_parts(on, id, memory_limit);
    if (!found) return core::fail(errc::not_found, fmt::format("there is no message {}", id.value));
    return *std::move(found);
}

std::string joined(const stored_parts& parts) {
    std::string whole;
    whole.reserve(parts.size);
    for (const auto& part : parts.parts) whole += *part.octets;
    return whole;
}

}  // namespace

net::awaitable<core::result<std::shared_ptr<const core::content>>> soci_message_store::read_content(
    message_id id, std::uint64_t memory_limit) {
    auto found = co_await reads_->run([id, memory_limit](connection& on) { return find_parts(on, id, memory_limit); });
    if (!found) co_return std::unexpected(found.error());
    if (found->size <= memory_limit) co_return std::make_shared<core::memory_content>(joined(*found));
    co_return std::make_shared<stored_content>(reads_, id, *std::move(found));
}

}  // namespace postern::storage
