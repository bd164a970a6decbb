#pragma once

namespace postern::account {

/// Readies libsodium, once per process and from any thread; everything here that uses it calls this first.
/// Throws std::runtime_error when it cannot be used.
void ready_sodium();

}  // namespace postern::account
