#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "config/settings.hpp"
#include "core/log.hpp"
#include "net/awaitable.hpp"
#include "storage/soci/file_watch.hpp"
#include "storage/soci/notifications.hpp"

namespace postern::storage {

/// Who wants to hear what of what was committed, here or by another process. Loop thread only.
class change_hub {
public:
    change_hub(net::executor loop, config::database_settings settings, core::logger log)
        : loop_(std::move(loop)), settings_(std::move(settings)), log_(std::move(log)) {}

    /// As queue_store::on_wake.
    void on_wake(std::move_only_function<void()> woken) {
        woken_ = std::move(woken);
        start();
    }

    /// As change_store::on_change.
    void on_change(std::move_only_function<void(std::optional<account_id>)> changed) {
        followers_.push_back(std::move(changed));
        start();
    }

    /// This process committed something that the account may see.
    void committed(account_id account) {
        if (others_) others_->announce(account);
        tell(account);
    }

    /// Nobody hears anything any more. Blocks, but not for long.
    void close() {
        others_.reset();
        file_.reset();
        followers_.clear();
        woken_ = nullptr;
    }

private:
    void start() {
        if (started_) return;
        started_ = true;
        others_ = notifications::start(
            loop_, settings_,
            {.claimable = [this] { wake(); }, .changed = [this](std::optional<account_id> account) { tell(account); }}, log_);
        file_ = file_watch::start(loop_, settings_, [this] { tell(std::nullopt); });
    }
    void wake() {
        if (woken_) woken_();
    }
    void tell(std::optional<account_id> account) {
        for (std::size_t i = 0; i < followers_.size(); ++i) followers_[i](account);
    }

    net::executor loop_;
    config::database_settings settings_;
    core::logger log_;
    bool started_ = false;
    std::unique_ptr<notifications> others_;
    std::unique_ptr<file_watch> file_;
    std::move_only_function<void()> woken_;
    std::vector<std::move_only_function<void(std::optional<account_id>)>> followers_;
};

}  // namespace postern::storage
