#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "message/submission.hpp"

namespace postern::message {

/// Does to a submitted message what prepare_submission says, as its octets pass.
///
/// The header section is held until it is whole; then its octets go out as edited, and from there on all passes in the slices
/// it comes in. A header section larger than max_header is a fault, and nothing of such a message goes out. What goes out is
/// valid only during the call.
class submission_filter {
public:
    static constexpr std::size_t max_header = 512UL * 1024;
    using sink = std::function<void(std::string_view)>;

    submission_filter(submission_defaults defaults, sink out);

    void append(std::string_view octets);

    /// The message has ended.
    void finish();

    /// What was done and found: meaningful after finish().
    [[nodiscard]] const submission_edit& edit() const noexcept { return edit_; }

private:
    void look_for_end();
    void refuse();
    void end_header(std::size_t size, bool by_empty_line);

    submission_defaults defaults_;
    sink out_;
    submission_edit edit_;
    std::string held_;
    std::size_t line_ = 0;      // where the first line begins that has not been classified
    std::size_t searched_ = 0;  // octets of that line in which its end is not
    bool in_header_ = true;
    bool refused_ = false;
};

}  // namespace postern::message
