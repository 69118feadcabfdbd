package operations

// EnvDomain is the owner's domain, such as "example.com", below which host names
// say which organization they are for; empty where host names say nothing.
const EnvDomain = "KEYWARD_DOMAIN"

// MaxDomain is the length in bytes of the longest domain: it leaves room in a
// host name for the longest that can stand before it.
const MaxDomain = 180
