package wire

import "net/http"

// ReadHeader fills the fields that come in the answer's header.
func (k *APIKey) ReadHeader(header http.Header) {
	k.ETag, k.Replayed = header.Get("ETag"), header.Get("Idempotent-Replayed") == "true"
}

// ReadHeader fills the fields that come in the answer's header.
func (w *WhoAmI) ReadHeader(header http.Header) { w.ETag = header.Get("ETag") }

// ReadHeader fills the fields that come in the answer's header.
func (p *Policy) ReadHeader(header http.Header) { p.ETag = header.Get("ETag") }

// ReadHeader fills the fields that come in the answer's header.
func (u *User) ReadHeader(header http.Header) { u.ETag = header.Get("ETag") }

// ReadHeader fills the fields that come in the answer's header.
func (s *Service) ReadHeader(header http.Header) { s.ETag = header.Get("ETag") }

// ReadHeader fills the fields that come in the answer's header.
func (o *Organization) ReadHeader(header http.Header) { o.ETag = header.Get("ETag") }
