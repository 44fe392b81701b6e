/* What nanobind's handles allow. `LEAK <name>` as in ../c/planted.h. */
#include <nanobind/nanobind.h>

#include <vector>

namespace nb = nanobind;

static bool
released_wrapper(nb::object factory)
{
    nb::object made = factory(); /* LEAK released_wrapper */
    return made.release().is_none(); /* LEAK released_wrapper */
}

static bool
borrow_of_new(nb::object owner)
{
    auto item = nb::borrow<nb::object>(PyObject_GetAttrString(owner.ptr(), "item")); /* LEAK borrow_of_new */
    return item.is_none();
}

static void
incremented(nb::handle thing)
{
    thing.inc_ref(); /* LEAK incremented */
    if (nb::hasattr(thing, "no_such_attribute"))
        thing.dec_ref();
}

static std::vector<nb::handle> queue;

static void
queued_and_cleared(nb::object thing)
{
    queue.push_back(thing.inc_ref()); /* LEAK queued_and_cleared */
    for (nb::handle waiting : queue)
        nb::str text(waiting);
    queue.clear();
}

static bool
raised_between(nb::object thing)
{
    PyObject *raw = nb::object(thing).release().ptr(); /* LEAK raised_between */
    try {
        nb::object value = nb::handle(raw).attr("no_such_attribute");
        Py_DECREF(raw);
    } catch (nb::python_error &) {
        return false;
    }
    return true;
}

static void
steal_of_borrowed(nb::handle thing)
{
    nb::object item = nb::steal<nb::object>(thing);
    nb::str text(item);
    item = nb::none(); /* LEAK steal_of_borrowed */
}

NB_MODULE(wrappers, m)
{
    m.def("released_wrapper", &released_wrapper);
    m.def("borrow_of_new", &borrow_of_new);
    m.def("incremented", &incremented);
    m.def("queued_and_cleared", &queued_and_cleared);
    m.def("raised_between", &raised_between);
    m.def("steal_of_borrowed", &steal_of_borrowed);
}
