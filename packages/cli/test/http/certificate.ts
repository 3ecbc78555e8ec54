/*
 * For chatgpt.com, what is below it, and example.com; signed by itself, good until 2126. The key is no secret: nobody but
 * these tests trusts it.
 */

export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBvzCCAWWgAwIBAgIUCyc8hWr28nMkLAOljPqAsjquAb0wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOSG9sZGZhc3QgdGVzdHMwIBcNMjYxMTIxMTYyOTM0WhgPMjEy
NjEwMjgxNjI5MzRaMBkxFzAVBgNVBAMMDkhvbGRmYXN0IHRlc3RzMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEaVlI18bdL3o77cpNcLFoBXKc+sdJEf7icFOME5co
y0JTVgeCJZVgtPl78YbQxrpDA72r+De4thyG4OnbxbEAm6OBiDCBhTAdBgNVHQ4E
FgQUX71oCX04k6jYrg6dSbEakE4pfBYwHwYDVR0jBBgwFoAUX71oCX04k6jYrg6d
SbEakE4pfBYwMgYDVR0RBCswKYILY2hhdGdwdC5jb22CDSouY2hhdGdwdC5jb22C
C2V4YW1wbGUuY29tMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
Vd6CKIaFPYFKi5jg8aowzm995fuUsipJ2w2q9nsp9t4CIQDZK/V/kjX7c06/fhla
BGM0zheLo/e9SP8Y9mb/fZiaIQ==
-----END CERTIFICATE-----
`;

export const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgL2vFheVlGFSPMTuq
qYDYOf2bEHSacXpbV7iZGkIK+gKhRANCAARpWUjXxt0vejvtyk1wsWgFcpz6x0kR
/uJwU4wTlyjLQlNWB4IllWC0+XvxhtDGukMDvav4N7i2HIbg6dvFsQCb
-----END PRIVATE KEY-----
`;
