#include "queue/consignment.hpp"

namespace postern::queue {

namespace {

storage::dsn_notify stored(const smtp::dsn_notify& n) {
    return {.given = n.given, .success = n.success, .failure = n.failure, .delay = n.delay};
}

}  // namespace

void consignment::add(const recipient_place& to, const std::string& path, const smtp::rcpt_parameters& parameters) {
    for (const auto& account : to.local)
        if (accounts_.insert(account.account).second) local_.push_back({.account = account.account, .recipient = path});
    if (!to.remote.empty() && remote_paths_.insert(path).second) {
        remote_.push_back({.recipient = path,
                           .destination = to.remote,
                           .notify = stored(parameters.notify),
                           .orcpt = parameters.orcpt,
                           .expires_at = {}});
    }
    if (!to.local.empty() && parameters.notify.success) told_.push_back({.recipient = path, .orcpt = parameters.orcpt});
}

void consignment::clear() {
    local_.clear();
    accounts_.clear();
    remote_.clear();
    remote_paths_.clear();
    told_.clear();
}

}  // namespace postern::queue
