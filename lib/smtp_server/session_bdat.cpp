// The message in chunks: BDAT (RFC 3030). Whatever is answered, a chunk's octets are read: else they would be commands.
#include <utility>

#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"

namespace postern::smtp_server {

session::answered session::on(smtp::bdat_command command) {
    auto refused = transaction_.refuse_bdat();
    if (!refused && !transaction_.esmtp()) refused = smtp::replies::not_implemented;
    if (!refused && !message_) {
        refused = co_await begin_message();
        chunks_ = smtp::bdat_reader(transaction_.parameters().body);
    }
    // RFC 1870 6.3: the chunks' sizes are known before their octets; once it is too much, none of them is kept.
    const auto limit = shared_.limits.message_size;
    if (!refused && command.size > limit - chunks_.announced()) refused = smtp::replies::too_large(limit);
    if (refused) co_return co_await skip_chunk(command, std::move(*refused));
    co_return co_await receive_chunk(command);
}

session::answered session::receive_chunk(smtp::bdat_command command) {
    // Chunks that lie in the buffer wait for nothing, and would keep a message open for ever.
    if (std::chrono::steady_clock::now() >= data_end_) {
        say(smtp::replies::idle_too_long);
        end();
        co_return std::nullopt;
    }
    transaction_.bdat();
    chunks_.begin(command.size, command.last);
    if (!co_await read_chunk(chunks_, message_->octets())) co_return std::nullopt;
    if (!command.last) co_return smtp::replies::chunk_received(command.size);
    co_return co_await complete(chunks_.first_fault());
}

session::answered session::skip_chunk(smtp::bdat_command command, smtp::reply why) {
    log_refusal("BDAT", "", why);
    message_.reset();
    begin_data_time();
    smtp::bdat_reader reader(smtp::body_type::binary);
    smtp::discarding_sink nowhere;
    reader.begin(command.size, command.last);
    if (!co_await read_chunk(reader, nowhere)) co_return std::nullopt;
    // RFC 3030 section 2: after a failed chunk the rest of the message fails too, and its last chunk ends the transaction.
    if (command.last) {
        end_transaction();
    } else {
        transaction_.bdat_failed();
    }
    co_return why;
}

net::awaitable<bool> session::read_chunk(smtp::bdat_reader& reader, smtp::octet_sink& out) {
    for (;;) {
        const auto step = reader.feed(stream_.buffered(), out);
        stream_.consume(step.consumed);
        if (message_ && message_->full()) co_await message_->drain();
        if (step.finished) co_return true;
        if (!co_await receive_data()) co_return false;
    }
}

}  // namespace postern::smtp_server
