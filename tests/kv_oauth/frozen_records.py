"""Records as version 1 of the program wrote them, byte for byte: never to be made anew by today's encoder.

All of them are of the session with the token ``TOKEN``: begun on 1 January 2026, at ``https://idp.localhost``,
with limits of 7 days and 24 hours. The grant's access token ended after five minutes.
"""

from base64 import b64decode

TOKEN = "A" * 43
KEY = bytes(range(32))

ACTIVE = b64decode(
    "AQEAAAABUYBB2lXCoAAAAEHaV7zgAAAAQdpVbk8AAAAAAAF9AAACS3siYXV0aGVudGljYXRlZCI6dHJ1ZSwic2Vzc2lvbiI6"
    "eyJoYW5kbGUiOiJCel8zTndVMExpMmQ4VG5IVkhTOEx0bTZhT21MUzkwQ2Z4Q21aNmQ0M0o0IiwidXNlcklkIjoidXNyXzEi"
    "LCJiYWNrZW5kIjoia3Ytb2F1dGgiLCJwcm92aWRlcklkIjoib2lkYyIsInN0YXRlIjoiYWN0aXZlIiwiY3JlYXRlZEF0Ijoi"
    "MjAyNi0wMS0wMVQwMDowMDowMFoiLCJsYXN0U2VlbkF0IjoiMjAyNi0wMS0wMVQwMDowMDowMFoiLCJpZGxlRXhwaXJlc0F0"
    "IjoiMjAyNi0wMS0wMlQwMDowMDowMFoiLCJleHBpcmVzQXQiOiIyMDI2LTAxLTA4VDAwOjAwOjAwWiIsInNjb3BlcyI6WyJv"
    "cGVuaWQiLCJvZmZsaW5lX2FjY2VzcyJdLCJkZXZpY2UiOnsidXNlckFnZW50IjoiYSBicm93c2VyIn19fXsiYXV0aGVudGlj"
    "YXRlZCI6dHJ1ZSwidXNlciI6eyJpZCI6InVzcl8xIiwiY3JlYXRlZEF0IjoiMjAyNi0wMS0wMVQwMDowMDowMFoiLCJuYW1l"
    "IjoiU29tZSBCb2R5IiwiZW1haWxWZXJpZmllZCI6ZmFsc2UsImFjY291bnRzIjpbeyJpc3N1ZXIiOiJodHRwczovL2lkcC5s"
    "b2NhbGhvc3QiLCJzdWJqZWN0IjoiYWxpY2UiLCJwcm92aWRlcklkIjoib2lkYyIsImVtYWlsVmVyaWZpZWQiOmZhbHNlfV19"
    "LCJzZXNzaW9uIjp7ImhhbmRsZSI6IkJ6XzNOd1UwTGkyZDhUbkhWSFM4THRtNmFPbUxTOTBDZnhDbVo2ZDQzSjQiLCJ1c2Vy"
    "SWQiOiJ1c3JfMSIsImJhY2tlbmQiOiJrdi1vYXV0aCIsInByb3ZpZGVySWQiOiJvaWRjIiwic3RhdGUiOiJhY3RpdmUiLCJj"
    "cmVhdGVkQXQiOiIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsImxhc3RTZWVuQXQiOiIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsImlk"
    "bGVFeHBpcmVzQXQiOiIyMDI2LTAxLTAyVDAwOjAwOjAwWiIsImV4cGlyZXNBdCI6IjIwMjYtMDEtMDhUMDA6MDA6MDBaIiwi"
    "c2NvcGVzIjpbIm9wZW5pZCIsIm9mZmxpbmVfYWNjZXNzIl0sImRldmljZSI6eyJ1c2VyQWdlbnQiOiJhIGJyb3dzZXIifX19"
)

REVOKED = b64decode(
    "AQIAAAABUYBB2lXCoAAAAEHaV7zgAAAAQdpXvOAAAAAAAAFqAAAAAHsiYXV0aGVudGljYXRlZCI6ZmFsc2UsInNlc3Npb24i"
    "OnsiaGFuZGxlIjoiQnpfM053VTBMaTJkOFRuSFZIUzhMdG02YU9tTFM5MENmeENtWjZkNDNKNCIsInVzZXJJZCI6InVzcl8x"
    "IiwiYmFja2VuZCI6Imt2LW9hdXRoIiwicHJvdmlkZXJJZCI6Im9pZGMiLCJzdGF0ZSI6InJldm9rZWQiLCJjcmVhdGVkQXQi"
    "OiIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsImxhc3RTZWVuQXQiOiIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsImlkbGVFeHBpcmVz"
    "QXQiOiIyMDI2LTAxLTAyVDAwOjAwOjAwWiIsImV4cGlyZXNBdCI6IjIwMjYtMDEtMDhUMDA6MDA6MDBaIiwic2NvcGVzIjpb"
    "XSwiZGV2aWNlIjp7fX0sInJlYXNvbiI6InNlc3Npb25fcmV2b2tlZCJ9"
)

GRANT = b64decode(
    "AUU5w2Wy1NCy+Qetbl6KH7mo40B6R1o660av0zraT0w++QbUQIVaDMUqLjxV6+IMMXM82XuZ/BrnbNd0D0BzNB23SZHM+HV1"
    "lbDdnuJvS5lJ2M+GhlKy6U8raGiN3X30kAcoT47YEXAaq/ysN5tWzopTrMh5UBM1FckbFlDrRw1B7Oo6SKmEF1nVpeKUUvTU"
    "v9WpXKjKohcQU7pcH5UYADESBpacr02m+tVXEPUtniUnDeD9kxW79cN5ZvFKEtQjAzGm7ROet4TjgjSowFrcVQ1WWZNncQD1"
    "MxxIt394XTKHWBHnQg=="
)
