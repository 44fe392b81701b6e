/* Leaks that nanobind's handles allow; each function has a clean twin. */
#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <vector>

namespace nb = nanobind;

static nb::str
fresh_text()
{
    static unsigned serial = 0;
    return nb::str(("fresh text number " + std::to_string(++serial)).c_str());
}

static std::size_t
leaky_release()
{
    nb::str text = fresh_text();
    return nb::len(text.release()); /* LEAK: RA103 */
}

static std::size_t
clean_release()
{
    nb::str text = fresh_text();
    return nb::len(text);
}

static void
leaky_inc_ref(nb::handle thing)
{
    thing.inc_ref(); /* LEAK: RA101 */
}

static void
clean_inc_ref(nb::handle thing)
{
    thing.inc_ref();
    thing.dec_ref();
}

/* A new reference, taken for a borrowed one. */
static std::size_t
leaky_borrow()
{
    auto list = nb::borrow<nb::list>(PyList_New(0)); /* LEAK: RA103 */ /* SITE leaky_borrow */
    return nb::len(list);
}

static std::size_t
clean_borrow()
{
    auto list = nb::steal<nb::list>(PyList_New(0));
    return nb::len(list);
}

/* A borrowed reference, taken for a new one. */
static std::size_t
leaky_steal(nb::list items)
{
    auto first = nb::steal<nb::bytes>(PyList_GetItem(items.ptr(), 0)); /* LEAK: RA201 */
    return first.size();
}

static std::size_t
clean_steal(nb::list items)
{
    auto first = nb::borrow<nb::bytes>(PyList_GetItem(items.ptr(), 0));
    return first.size();
}

/* A Python list in a static; never destroyed, since that would be too late. */
static nb::list &
history()
{
    static auto *list = new nb::list;
    return *list;
}

static std::size_t
leaky_history()
{
    nb::list entry; /* SITE leaky_history */
    history().append(entry); /* LEAK: RA104 */
    return history().size();
}

static std::size_t
clean_history()
{
    nb::list entry;
    history().attr("clear")();
    history().append(entry);
    return history().size();
}

/* Memory of CPython's allocators, which an exception leaves behind. */
static int
leaky_buffer(int value)
{
    auto *buffer = static_cast<char *>(PyMem_Malloc(320)); /* SITE leaky_buffer */
    if (value < 0)
        throw nb::value_error("negative"); /* LEAK: RA105 */
    PyMem_Free(buffer);
    return value;
}

static int
clean_buffer(int value)
{
    std::unique_ptr<void, void (*)(void *)> buffer(PyMem_Malloc(320), PyMem_Free);
    if (value < 0)
        throw nb::value_error("negative");
    return value;
}

/* Objects in C++ memory, where no collector looks. */
static std::vector<nb::object> kept;

static void
leaky_capture(nb::object thing)
{
    kept.push_back(thing); /* LEAK: RA101 */
}

static void
clean_capture(nb::object thing)
{
    kept.assign(1, thing);
}

/* Python objects in a class that does not show them to the collector. */
struct Holder {
    nb::object held;
};

static void
leaky_cycle()
{
    nb::object holder = nb::cast(Holder{});
    nb::cast<Holder &>(holder).held = holder; /* LEAK: RA103 */
}

static void
clean_cycle()
{
    nb::object holder = nb::cast(Holder{});
    nb::cast<Holder &>(holder).held = nb::none();
}

/* A raw pointer: only the policy of a function says who deletes what it points to. */
struct Thing {
    char bytes[136] = {};
};

static Thing *
make_thing()
{
    return new Thing; /* SITE make_thing */
}

NB_MODULE(nbleaks, module)
{
    nb::class_<Holder>(module, "Holder");
    nb::class_<Thing>(module, "Thing");
    module.def("leaky_release", &leaky_release);
    module.def("clean_release", &clean_release);
    module.def("leaky_inc_ref", &leaky_inc_ref);
    module.def("clean_inc_ref", &clean_inc_ref);
    module.def("leaky_borrow", &leaky_borrow);
    module.def("clean_borrow", &clean_borrow);
    module.def("leaky_steal", &leaky_steal);
    module.def("clean_steal", &clean_steal);
    module.def("leaky_history", &leaky_history);
    module.def("clean_history", &clean_history);
    module.def("leaky_buffer", &leaky_buffer);
    module.def("clean_buffer", &clean_buffer);
    module.def("leaky_capture", &leaky_capture);
    module.def("clean_capture", &clean_capture);
    module.def("leaky_cycle", &leaky_cycle);
    module.def("clean_cycle", &clean_cycle);
    module.def("leaky_thing", &make_thing, nb::rv_policy::reference); /* LEAK: RA106 */
    module.def("clean_thing", &make_thing, nb::rv_policy::take_ownership);
}
