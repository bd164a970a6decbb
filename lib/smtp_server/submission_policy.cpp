#include "smtp_server/submission_policy.hpp"

#include "smtp/replies.hpp"

namespace postern::smtp_server {

net::awaitable<std::optional<smtp::reply>> submission_policy::sender(const submitter& from, const smtp::address& reverse_path,
                                                                     const smtp::mail_parameters&) {
    if (!from) co_return smtp::replies::auth_required;
    co_return co_await rules_.sender(from->id, reverse_path);
}

net::awaitable<std::expected<queue::recipient_place, smtp::reply>> submission_policy::recipient(
    const submitter& from, const smtp::address& forward_path, std::uint64_t size) {
    if (!from) co_return std::unexpected(smtp::replies::auth_required);
    co_return co_await rules_.recipient(from->id, forward_path, size);
}

net::awaitable<std::optional<smtp::reply>> submission_policy::authors(const submitter& from,
                                                                      const std::vector<std::string>& addresses) {
    if (!from) co_return smtp::replies::auth_required;
    co_return co_await rules_.authors(from->id, addresses);
}

}  // namespace postern::smtp_server
