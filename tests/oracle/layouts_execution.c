/* The half of layouts.c about running code: frames, generators, threads, the interpreter. */
#include "layouts.h"

#if AT(11)
static void frame(void)
{
    typedef struct _PyInterpreterFrame Frame;
    NUMBER("frame.sizeof", sizeof(Frame));
    FIELD("frame", Frame, previous);
    FIELD("frame", Frame, f_globals);
    FIELD("frame", Frame, f_builtins);
    FIELD("frame", Frame, f_locals);
    FIELD("frame", Frame, frame_obj);
    FIELD("frame", Frame, owner);
    FIELD("frame", Frame, localsplus);
#if AT(13)
    FIELD("frame", Frame, f_executable);
    FIELD("frame", Frame, instr_ptr);
#else
    FIELD("frame", Frame, f_code);
    FIELD("frame", Frame, prev_instr);
#endif
#if AT(12)
    FIELD("frame", Frame, f_funcobj);
    FIELD("frame", Frame, return_offset);
#else
    FIELD("frame", Frame, f_func);
    FIELD("frame", Frame, is_entry);
#endif
#if AT(14)
    FIELD("frame", Frame, stackpointer);
#else
    FIELD("frame", Frame, stacktop);
#endif
    NUMBER("owner.thread", FRAME_OWNED_BY_THREAD);
    NUMBER("owner.generator", FRAME_OWNED_BY_GENERATOR);
    NUMBER("owner.frame_object", FRAME_OWNED_BY_FRAME_OBJECT);
#if AT(12) && !AT(15)
    NUMBER("owner.cstack", FRAME_OWNED_BY_CSTACK);
#endif
#if AT(14)
    NUMBER("owner.interpreter", FRAME_OWNED_BY_INTERPRETER);
#endif
    SIZE("frame_object", PyFrameObject);
    FIELD("frame_object", PyFrameObject, f_back);
    FIELD("frame_object", PyFrameObject, f_frame);
    FIELD("frame_object", PyFrameObject, f_trace);
    FIELD("frame_object", PyFrameObject, _f_frame_data);
#if AT(13)
    FIELD("frame_object", PyFrameObject, f_extra_locals);
    FIELD("frame_object", PyFrameObject, f_locals_cache);
#endif
#if AT(14)
    FIELD("frame_object", PyFrameObject, f_overwritten_fast_locals);
#endif
}
#else
static void frame(void)
{
    SIZE("frame_object", PyFrameObject);
    FIELD("frame_object", PyFrameObject, f_back);
    FIELD("frame_object", PyFrameObject, f_code);
    FIELD("frame_object", PyFrameObject, f_builtins);
    FIELD("frame_object", PyFrameObject, f_globals);
    FIELD("frame_object", PyFrameObject, f_locals);
    FIELD("frame_object", PyFrameObject, f_valuestack);
    FIELD("frame_object", PyFrameObject, f_trace);
    FIELD("frame_object", PyFrameObject, f_stackdepth);
    FIELD("frame_object", PyFrameObject, f_gen);
    FIELD("frame_object", PyFrameObject, f_state);
    FIELD("frame_object", PyFrameObject, f_localsplus);
    NUMBER("frame_state.created", FRAME_CREATED);
    NUMBER("frame_state.suspended", FRAME_SUSPENDED);
    NUMBER("frame_state.executing", FRAME_EXECUTING);
    NUMBER("frame_state.returned", FRAME_RETURNED);
    NUMBER("frame_state.cleared", FRAME_CLEARED);
}
#endif

static void generator(void)
{
    SIZE("gen", PyGenObject);
#if AT(11)
    FIELD("gen", PyGenObject, gi_frame_state);
    FIELD("gen", PyGenObject, gi_iframe);
    NUMBER("gen_state.created", FRAME_CREATED);
    NUMBER("gen_state.suspended", FRAME_SUSPENDED);
    NUMBER("gen_state.executing", FRAME_EXECUTING);
#if !AT(15)
    NUMBER("gen_state.completed", FRAME_COMPLETED);
#endif
    NUMBER("gen_state.cleared", FRAME_CLEARED);
#else
    FIELD("gen", PyGenObject, gi_frame);
#endif
#if AT(13)
    NUMBER("gen_state.suspended_yield_from", FRAME_SUSPENDED_YIELD_FROM);
#endif
}

static void thread(void)
{
    SIZE("thread", PyThreadState);
    FIELD("thread", PyThreadState, prev);
    FIELD("thread", PyThreadState, next);
    FIELD("thread", PyThreadState, interp);
    FIELD("thread", PyThreadState, dict);
    FIELD("thread", PyThreadState, exc_info);
    FIELD("thread", PyThreadState, exc_state);
    FIELD("thread", PyThreadState, context);
    FIELD("thread", PyThreadState, async_exc);
    FIELD("thread", PyThreadState, c_profileobj);
    FIELD("thread", PyThreadState, c_traceobj);
    FIELD("thread", PyThreadState, async_gen_firstiter);
    FIELD("thread", PyThreadState, async_gen_finalizer);
#if AT(12)
    FIELD("thread", PyThreadState, current_exception);
#else
    FIELD("thread", PyThreadState, curexc_type);
    FIELD("thread", PyThreadState, curexc_value);
    FIELD("thread", PyThreadState, curexc_traceback);
#endif
#if AT(13)
    FIELD("thread", PyThreadState, current_frame);
#elif AT(11)
    FIELD("thread", PyThreadState, cframe);
    NUMBER("cframe.current_frame", offsetof(_PyCFrame, current_frame));
    NUMBER("cframe.previous", offsetof(_PyCFrame, previous));
#else
    FIELD("thread", PyThreadState, frame);
#endif
#if AT(15)
    FIELD("thread", PyThreadState, base_frame);
#endif
#if AT(13)
    FIELD("thread", PyThreadState, delete_later);
    FIELD("thread", PyThreadState, threading_local_key);
    FIELD("thread", PyThreadState, threading_local_sentinel);
#endif
#if AT(14)
    FIELD("thread", PyThreadState, current_executor);
    FIELD("thread", _PyThreadStateImpl, asyncio_running_loop);
    FIELD("thread", _PyThreadStateImpl, asyncio_running_task);
#endif
#if AT(11)
    FIELD("thread", PyThreadState, datastack_chunk);
    FIELD("thread", PyThreadState, datastack_top);
    FIELD("thread", PyThreadState, datastack_limit);
#endif
}

static void interpreter(void)
{
    SIZE("interp", PyInterpreterState);
    FIELD("interp", PyInterpreterState, gc);
    FIELD("interp", PyInterpreterState, next);
#if AT(11)
    NUMBER("interp.threads_head", offsetof(PyInterpreterState, threads.head));
#else
    NUMBER("interp.threads_head", offsetof(PyInterpreterState, tstate_head));
#endif
    SIZE("gc", struct _gc_runtime_state);
    FIELD("gc", struct _gc_runtime_state, enabled);
    FIELD("gc", struct _gc_runtime_state, debug);
    FIELD("gc", struct _gc_runtime_state, generations);
    FIELD("gc", struct _gc_runtime_state, permanent_generation);
    FIELD("gc", struct _gc_runtime_state, generation_stats);
    FIELD("gc", struct _gc_runtime_state, collecting);
    FIELD("gc", struct _gc_runtime_state, garbage);
    FIELD("gc", struct _gc_runtime_state, callbacks);
    FIELD("gc", struct _gc_runtime_state, generation0);
    SIZE("gc_generation", struct gc_generation);
    FIELD("gc_generation", struct gc_generation, head);
    FIELD("gc_generation", struct gc_generation, threshold);
    FIELD("gc_generation", struct gc_generation, count);
}

#if AT(14)
static void stack_reference(void)
{
    NUMBER("stackref.sizeof", sizeof(_PyStackRef));
    NUMBER("stackref.tag_refcnt", Py_TAG_REFCNT);
    NUMBER("stackref.tag_bits", Py_TAG_BITS);
    NUMBER("stackref.int_tag", Py_INT_TAG);
    NUMBER("stackref.null", PyStackRef_NULL_BITS);
#if AT(15)
    NUMBER("stackref.tag_invalid", Py_TAG_INVALID);
#endif
}
#endif

void execution(void)
{
    frame();
    generator();
    thread();
    interpreter();
#if AT(14)
    stack_reference();
#endif
}
