#include "archive/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace postern::archive {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
    throw std::system_error(errno, std::generic_category(), std::string("cannot ") + what + ' ' + path.string());
}

int open_flags(file::mode how) {
    switch (how) {
        case file::mode::read: return O_RDONLY;
        case file::mode::create: return O_WRONLY | O_CREAT | O_EXCL;
        case file::mode::append: break;
    }
    return O_WRONLY | O_CREAT;
}

}  // namespace

file::file(const std::filesystem::path& path, mode how)
    : path_(path), descriptor_(::open(path.c_str(), open_flags(how) | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR)) {
    if (descriptor_ < 0) fail(path_, "open");
    if (how == mode::append && ::lseek(descriptor_, 0, SEEK_END) < 0) fail(path_, "write");
}

file::~file() { ::close(descriptor_); }

std::size_t file::read(std::span<char> into) {
    for (;;) {
        const auto got = ::read(descriptor_, into.data(), into.size());
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) fail(path_, "read");
    }
}

void file::write(std::string_view octets) {
    while (!octets.empty()) {
        const auto done = ::write(descriptor_, octets.data(), octets.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) fail(path_, "write");
        octets.remove_prefix(static_cast<std::size_t>(done));
    }
}

void file::cut(std::uint64_t size) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) fail(path_, "cut");
    if (::lseek(descriptor_, 0, SEEK_END) < 0) fail(path_, "write");
}

std::uint64_t file::size() const {
    struct stat found{};
    if (::fstat(descriptor_, &found) != 0) fail(path_, "look at");
    return static_cast<std::uint64_t>(found.st_size);
}

core::timestamp file::modified_at() const {
    struct stat found{};
    if (::fstat(descriptor_, &found) != 0) fail(path_, "look at");
    return core::timestamp(std::chrono::seconds(found.st_mtim.tv_sec) +
                           std::chrono::microseconds(found.st_mtim.tv_nsec / 1000));
}

void file::set_modified_at(core::timestamp at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(at - seconds);
    const timespec time{seconds.time_since_epoch().count(), rest.count()};
    const std::array times{time, time};
    if (::futimens(descriptor_, times.data()) != 0) fail(path_, "date");
}

void file::flush() {
    if (::fsync(descriptor_) != 0) fail(path_, "write");
}

void flush_folder(const std::filesystem::path& folder) { file(folder, file::mode::read).flush(); }

core::error disk_failure(const std::exception& thrown) {
    const auto* known = dynamic_cast<const std::system_error*>(&thrown);
    return {known != nullptr ? known->code() : std::make_error_code(std::errc::io_error), thrown.what()};
}

void replace_file(const std::filesystem::path& path, std::string_view octets) {
    const auto next = path.string() + ".new";
    std::filesystem::remove(next);
    {
        file made(next, file::mode::create);
        made.write(octets);
        made.flush();
    }
    std::filesystem::rename(next, path);
}

}  // namespace postern::archive
