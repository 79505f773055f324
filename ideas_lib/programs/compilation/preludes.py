"""What C and WebAssembly lack, or do otherwise than Python: the head of each text that is printed.

All else in such a text is an operation of the language itself. These functions are tested, on all
numbers of few bits and at the edges, and not proved: nothing here knows what C means.
"""

__all__ = ["PRELUDE", "WASM_PRELUDE"]

PRELUDE = """\
#include <stdint.h>

static inline int32_t py_floordiv(int32_t a, int32_t b) {
    int64_t q = (int64_t)a / b;
    return (int32_t)(q - ((int64_t)a % b != 0 && (a < 0) != (b < 0)));
}
static inline int32_t py_mod(int32_t a, int32_t b) {
    int64_t r = (int64_t)a % b;
    return (int32_t)(r != 0 && (r < 0) != (b < 0) ? r + b : r);
}
static inline int32_t py_shl(int32_t a, int32_t b) {
    return (int32_t)((int64_t)a * ((int64_t)1 << b));
}
static inline int32_t py_shr(int32_t a, int32_t b) {
    return a < 0 ? ~(~a >> b) : a >> b;
}
"""
WASM_PRELUDE = """\
(module
  (func $py_floordiv (param $a i32) (param $b i32) (result i32)
    (i32.sub (i32.div_s (local.get $a) (local.get $b))
      (i32.and (i32.ne (i32.rem_s (local.get $a) (local.get $b)) (i32.const 0))
        (i32.lt_s (i32.xor (local.get $a) (local.get $b)) (i32.const 0)))))
  (func $py_mod (param $a i32) (param $b i32) (result i32) (local $r i32)
    (local.set $r (i32.rem_s (local.get $a) (local.get $b)))
    (if (result i32) (i32.and (i32.ne (local.get $r) (i32.const 0))
        (i32.lt_s (i32.xor (local.get $r) (local.get $b)) (i32.const 0)))
      (then (i32.add (local.get $r) (local.get $b))) (else (local.get $r))))
"""
