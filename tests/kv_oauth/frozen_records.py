"""Records as the first release wrote them, byte for byte: never to be made anew by today's encoder.

All of them are of the session with the token ``TOKEN``: begun on 1 January 2026, at ``https://idp.localhost``,
with limits of 7 days and 24 hours. The grant's access token ended after five minutes.
"""

from base64 import b64decode

TOKEN = "A" * 43
KEY = bytes(range(32))

ACTIVE = b64decode(
    "AwEAAAABUYBB2lXCoAAAAEHaV7zgAAAAQdpVbk8AAABB2lVuiwAAAEHaVW5AAAAAAAAAAAAAAAAAAAF9AAAAxnsiYXV0aGVu"
    "dGljYXRlZCI6dHJ1ZSwic2Vzc2lvbiI6eyJoYW5kbGUiOiJCel8zTndVMExpMmQ4VG5IVkhTOEx0bTZhT21MUzkwQ2Z4Q21a"
    "NmQ0M0o0IiwidXNlcklkIjoidXNyXzEiLCJiYWNrZW5kIjoia3Ytb2F1dGgiLCJwcm92aWRlcklkIjoib2lkYyIsInN0YXRl"
    "IjoiYWN0aXZlIiwiY3JlYXRlZEF0IjoiMjAyNi0wMS0wMVQwMDowMDowMFoiLCJsYXN0U2VlbkF0IjoiMjAyNi0wMS0wMVQw"
    "MDowMDowMFoiLCJpZGxlRXhwaXJlc0F0IjoiMjAyNi0wMS0wMlQwMDowMDowMFoiLCJleHBpcmVzQXQiOiIyMDI2LTAxLTA4"
    "VDAwOjAwOjAwWiIsInNjb3BlcyI6WyJvcGVuaWQiLCJvZmZsaW5lX2FjY2VzcyJdLCJkZXZpY2UiOnsidXNlckFnZW50Ijoi"
    "YSBicm93c2VyIn19fXsiaWQiOiJ1c3JfMSIsImNyZWF0ZWRBdCI6IjIwMjYtMDEtMDFUMDA6MDA6MDBaIiwibmFtZSI6IlNv"
    "bWUgQm9keSIsImVtYWlsVmVyaWZpZWQiOmZhbHNlLCJhY2NvdW50cyI6W3siaXNzdWVyIjoiaHR0cHM6Ly9pZHAubG9jYWxo"
    "b3N0Iiwic3ViamVjdCI6ImFsaWNlIiwicHJvdmlkZXJJZCI6Im9pZGMiLCJlbWFpbFZlcmlmaWVkIjpmYWxzZX1dfQ=="
)

REVOKED = b64decode(
    "AwIAAAABUYBB2lXCoAAAAEHaV7zgAAAAf/AAAAAAAAB/8AAAAAAAAEHaVW5AAAAAAAAAAAAAAAAAAAFqAAAAAHsiYXV0aGVu"
    "dGljYXRlZCI6ZmFsc2UsInNlc3Npb24iOnsiaGFuZGxlIjoiQnpfM053VTBMaTJkOFRuSFZIUzhMdG02YU9tTFM5MENmeENt"
    "WjZkNDNKNCIsInVzZXJJZCI6InVzcl8xIiwiYmFja2VuZCI6Imt2LW9hdXRoIiwicHJvdmlkZXJJZCI6Im9pZGMiLCJzdGF0"
    "ZSI6InJldm9rZWQiLCJjcmVhdGVkQXQiOiIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsImxhc3RTZWVuQXQiOiIyMDI2LTAxLTAx"
    "VDAwOjAwOjAwWiIsImlkbGVFeHBpcmVzQXQiOiIyMDI2LTAxLTAyVDAwOjAwOjAwWiIsImV4cGlyZXNBdCI6IjIwMjYtMDEt"
    "MDhUMDA6MDA6MDBaIiwic2NvcGVzIjpbXSwiZGV2aWNlIjp7fX0sInJlYXNvbiI6InNlc3Npb25fcmV2b2tlZCJ9"
)

GRANT = b64decode(
    "AUU5w2Wy1NCy+Qetbl6KH7mo40B6R1o660av0zraT0w++QbUQIVaDMUqLjxV6+IMMXM82XuZ/BrnbNd0D0BzNB23SZHM+HV1"
    "lbDdnuJvS5lJ2M+GhlKy6U8raGiN3X30kAcoT47YEXAaq/ysN5tWzopTrMh5UBM1FckbFlDrRw1B7Oo6SKmEF1nVpeKUUvTU"
    "v9WpXKjKohcQU7pcH5UYADESBpacr02m+tVXEPUtniUnDeD9kxW79cN5ZvFKEtQjAzGm7ROet4TjgjSowFrcVQ1WWZNncQD1"
    "MxxIt394XTKHWBHnQg=="
)
