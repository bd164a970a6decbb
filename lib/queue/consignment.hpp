#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "queue/intake.hpp"
#include "queue/sending_rules.hpp"
#include "smtp/extensions.hpp"
#include "storage/records.hpp"

namespace postern::queue {

/// Where the recipients of one message lead to, gathered as they are accepted: a copy for each account and an item in the queue
/// for each remote path, each once, however often it was named.
class consignment {
public:
    /// A recipient was taken. Who is reached by several gets one copy, for the first.
    void add(const recipient_place& to, const std::string& path, const smtp::rcpt_parameters& parameters);

    void clear();

    [[nodiscard]] const std::vector<storage::local_delivery>& local() const noexcept { return local_; }
    [[nodiscard]] const std::vector<storage::new_queue_item>& remote() const noexcept { return remote_; }
    /// Who asked to be told of copies made here.
    [[nodiscard]] const std::vector<local_success>& told() const noexcept { return told_; }

private:
    std::vector<storage::local_delivery> local_;
    std::unordered_set<core::account_id> accounts_;
    std::vector<storage::new_queue_item> remote_;
    std::unordered_set<std::string> remote_paths_;
    std::vector<local_success> told_;
};

}  // namespace postern::queue
