"""The library from another language: nothing but plain functions, pointers and numbers. ask.py LIBRARY"""
import ctypes
import sys

nel = ctypes.CDLL(sys.argv[1])
nel.nel_open.restype = nel.nel_evaluate.restype = ctypes.c_void_p
nel.nel_number_of.restype = ctypes.c_double
nel.nel_print.restype = ctypes.c_char_p
nel.nel_evaluate.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
for function in nel.nel_number_of, nel.nel_print, nel.nel_release, nel.nel_close:
    function.argtypes = [ctypes.c_void_p]

session = nel.nel_open()
value = nel.nel_evaluate(session, b"ask", b"6 * 7")
failure = nel.nel_evaluate(session, b"ask", b"show rellu(3)")
assert nel.nel_number_of(value) == 42
assert b"did you mean `relu`?" in nel.nel_print(failure)
nel.nel_close(session)
nel.nel_release(failure)
nel.nel_release(value)
