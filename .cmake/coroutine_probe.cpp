// Exits 0 when every temporary that lived across a co_await was destroyed exactly once.
#include <coroutine>
#include <exception>
#include <expected>
#include <string>
#include <utility>

namespace {

int alive = 0;

struct counted {
    std::string text = "long enough to be allocated on the heap, so that a double free shows";
    counted() { ++alive; }
    counted(const counted& other) : text(other.text) { ++alive; }
    counted(counted&& other) noexcept : text(std::move(other.text)) { ++alive; }
    counted& operator=(const counted&) = default;
    counted& operator=(counted&&) = default;
    ~counted() { --alive; }
};

struct options {
    counted name;
    int size = 1;
};

struct task {
    struct promise_type {
        int value = 0;
        std::coroutine_handle<> waiter = std::noop_coroutine();
        task get_return_object() { return task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        struct final_awaiter {
            bool await_ready() noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept { return h.promise().waiter; }
            void await_resume() noexcept {}
        };
        final_awaiter final_suspend() noexcept { return {}; }
        void return_value(int v) { value = v; }
        void unhandled_exception() { std::terminate(); }
    };

    explicit task(std::coroutine_handle<promise_type> h) : handle(h) {}
    task(task&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
    task(const task&) = delete;
    ~task() {
        if (handle) handle.destroy();
    }
    bool await_ready() { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) {
        handle.promise().waiter = h;
        return handle;
    }
    int await_resume() { return handle.promise().value; }

    std::coroutine_handle<promise_type> handle;
};

task takes(options o) { co_return o.size + static_cast<int>(o.name.text.size() > 10); }
task one() { co_return 1; }
task two() { co_return 2; }

template <class F>
task spawned(F f) {
    co_return co_await f();
}

task body(bool first) {
    int sum = co_await takes(options{});
    sum += co_await takes(options{.name = counted{}, .size = 2});
    sum += co_await (first ? one() : two());
    counted captured;
    sum += co_await spawned([captured]() -> task { co_return static_cast<int>(captured.text.size() > 10); });
    co_return sum;
}

}  // namespace

int main() {
    int sum = 0;
    {
        task t = body(true);
        t.handle.resume();
        sum = t.handle.promise().value;
    }
    return sum == 7 && alive == 0 ? 0 : 1;
}
