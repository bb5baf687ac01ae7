"""Records as the first release wrote them, byte for byte: never to be made anew by today's encoder.

All of them are of the session with the token ``TOKEN``: begun on 1 January 2026, at ``https://idp.localhost``,
with limits of 7 days and 24 hours. The grant's access token ended after five minutes.
"""

from base64 import b64decode

TOKEN = "A" * 43
KEY = bytes(range(32))

ACTIVE = b64decode(
    "AwEAAAABUYBB2lXCoAAAAEHaV7zgAAAAQdpVbk8AAABB2lVuiwAAAEHaVW5AAAAAAAAAAAAAAAAAAAFcAAAAxnsiaGFuZGxl"
    "IjoiQnpfM053VTBMaTJkOFRuSFZIUzhMdG02YU9tTFM5MENmeENtWjZkNDNKNCIsInVzZXJJZCI6InVzcl8xIiwiYmFja2Vu"
    "ZCI6Imt2LW9hdXRoIiwicHJvdmlkZXJJZCI6Im9pZGMiLCJzdGF0ZSI6ImFjdGl2ZSIsImNyZWF0ZWRBdCI6IjIwMjYtMDEt"
    "MDFUMDA6MDA6MDBaIiwibGFzdFNlZW5BdCI6IjIwMjYtMDEtMDFUMDA6MDA6MDBaIiwiaWRsZUV4cGlyZXNBdCI6IjIwMjYt"
    "MDEtMDJUMDA6MDA6MDBaIiwiZXhwaXJlc0F0IjoiMjAyNi0wMS0wOFQwMDowMDowMFoiLCJzY29wZXMiOlsib3BlbmlkIiwi"
    "b2ZmbGluZV9hY2Nlc3MiXSwiZGV2aWNlIjp7InVzZXJBZ2VudCI6ImEgYnJvd3NlciJ9fXsiaWQiOiJ1c3JfMSIsImNyZWF0"
    "ZWRBdCI6IjIwMjYtMDEtMDFUMDA6MDA6MDBaIiwibmFtZSI6IlNvbWUgQm9keSIsImVtYWlsVmVyaWZpZWQiOmZhbHNlLCJh"
    "Y2NvdW50cyI6W3siaXNzdWVyIjoiaHR0cHM6Ly9pZHAubG9jYWxob3N0Iiwic3ViamVjdCI6ImFsaWNlIiwicHJvdmlkZXJJ"
    "ZCI6Im9pZGMiLCJlbWFpbFZlcmlmaWVkIjpmYWxzZX1dfQ=="
)

REVOKED = b64decode(
    "AwIAAAABUYBB2lXCoAAAAEHaV7zgAAAAf/AAAAAAAAB/8AAAAAAAAEHaVW5AAAAAAAAAAAAAAAAAAAEtAAAAAHsiaGFuZGxl"
    "IjoiQnpfM053VTBMaTJkOFRuSFZIUzhMdG02YU9tTFM5MENmeENtWjZkNDNKNCIsInVzZXJJZCI6InVzcl8xIiwiYmFja2Vu"
    "ZCI6Imt2LW9hdXRoIiwicHJvdmlkZXJJZCI6Im9pZGMiLCJzdGF0ZSI6InJldm9rZWQiLCJjcmVhdGVkQXQiOiIyMDI2LTAx"
    "LTAxVDAwOjAwOjAwWiIsImxhc3RTZWVuQXQiOiIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsImlkbGVFeHBpcmVzQXQiOiIyMDI2"
    "LTAxLTAyVDAwOjAwOjAwWiIsImV4cGlyZXNBdCI6IjIwMjYtMDEtMDhUMDA6MDA6MDBaIiwic2NvcGVzIjpbXSwiZGV2aWNl"
    "Ijp7fX0="
)

GRANT = b64decode(
    "AUU5w2Wy1NCy+Qetbl6KH7mo40B6R1o660av0zraT0w++QbUQIVaDMUqLjxV6+IMMXM82XuZ/BrnbNd0D0BzNB23SZHM+HV1"
    "lbDdnuJvS5lJ2M+GhlKy6U8raGiN3X30kAcoT47YEXAaq/ysN5tWzopTrMh5UBM1FckbFlDrRw1B7Oo6SKmEF1nVpeKUUvTU"
    "v9WpXKjKohcQU7pcH5UYADESBpacr02m+tVXEPUtniUnDeD9kxW79cN5ZvFKEtQjAzGm7ROet4TjgjSowFrcVQ1WWZNncQD1"
    "MxxIt394XTKHWBHnQg=="
)
