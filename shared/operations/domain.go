package operations

// EnvDomain is the owner's domain, such as "example.com". Host names below it
// name an organization. It is empty if host names mean nothing.
const EnvDomain = "KEYWARD_DOMAIN"

// MaxDomain is the maximum length of a domain in bytes. It leaves room for the
// longest label in front of it.
const MaxDomain = 180
