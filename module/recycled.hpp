// Memory of objects that come and go with every scan: kept for the next one instead of given back.
//
// Each type has its own stock, in nginx's single thread. Under a sanitizer nothing is kept, so that it sees
// every object's end.
#pragma once

#include <cstddef>
#include <new>

namespace mogiri::module {

template <std::size_t Size> class Stock {
  public:
    static void* take() {
        if (first_ == nullptr) {
            return ::operator new(Size);
        }
        Free* taken = first_;
        first_ = taken->next;
        --count_;
        return taken;
    }
    static void give(void* memory) noexcept {
        if (count_ >= most_kept) {
            ::operator delete(memory);
            return;
        }
        first_ = new (memory) Free{first_};
        ++count_;
    }

  private:
    struct Free {
        Free* next;
    };
    static_assert(Size >= sizeof(Free));
#if defined(__SANITIZE_ADDRESS__)
    static constexpr std::size_t most_kept = 0;
#else
    static constexpr std::size_t most_kept = 1024;
#endif

    inline static Free* first_ = nullptr;
    inline static std::size_t count_ = 0;
};

// A base of what is made by `new`.
template <class Object> struct Recycled {
    static void* operator new(std::size_t) { return Stock<sizeof(Object)>::take(); }
    static void operator delete(void* memory) noexcept { Stock<sizeof(Object)>::give(memory); }
};

// For std::allocate_shared.
template <class Object> struct RecyclingAllocator {
    using value_type = Object;
    RecyclingAllocator() = default;
    template <class Other> RecyclingAllocator(const RecyclingAllocator<Other>&) {}

    Object* allocate(std::size_t) { return static_cast<Object*>(Stock<sizeof(Object)>::take()); } // always one
    void deallocate(Object* object, std::size_t) noexcept { Stock<sizeof(Object)>::give(object); }
    bool operator==(const RecyclingAllocator&) const { return true; }
};

} // namespace mogiri::module
