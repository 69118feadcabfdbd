// Package kms emulates AWS KMS on this machine. It speaks the wire protocol
// (JSON 1.1 over HTTP) for the operations that Keyward and its tests use. It
// enforces what they rely on: encryption contexts, key state, and the integrity
// of ciphertext.
//
// It checks that a request is signed, but not by whom: anyone who can reach it
// may use every key. It listens only on the loopback interface.
package kms

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/keyward/keyward/infra/local/port"
)

// The default values of [Options].
const (
	DefaultRegion  = "us-east-1"
	DefaultAccount = "000000000000"
)

// Options configure a server.
type Options struct {
	// KeyID is a key that exists from the start: an id such as a UUID, or an alias
	// ("alias/NAME") of a new key. If empty, only the keys in File exist.
	KeyID string
	// MoreKeys are more keys that exist from the start, named like KeyID.
	MoreKeys []string
	// File keeps the keys across restarts, with mode 0600. If empty, keys live as
	// long as the process.
	File string
	// Port is the port on 127.0.0.1; 0 picks a free one.
	Port int
	// Region and Account appear in each key's ARN.
	Region, Account string
}

// Server is a running KMS emulator.
type Server struct {
	// URL is the endpoint for AWS_ENDPOINT_URL_KMS.
	URL string
	// Port is where it listens. Pass it to the next Start to reuse the port.
	Port int
	// KeyARN is the ARN of Options.KeyID; empty if that is.
	KeyARN string

	keys *keyring
	http *http.Server
}

// Start runs a server until ctx ends or [Server.Stop] is called. It fails if the
// port is taken or the file cannot be read or written.
func Start(ctx context.Context, options Options) (*Server, error) {
	region, account := cmp.Or(options.Region, DefaultRegion), cmp.Or(options.Account, DefaultAccount)
	keys, err := openKeyring(options.File, "arn:aws:kms:"+region+":"+account+":")
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{options.KeyID}, options.MoreKeys...) {
		if name == "" {
			continue
		}
		if _, err := keys.ensure(name); err != nil {
			return nil, err
		}
	}
	listener, err := port.Listen("127.0.0.1", options.Port)
	if err != nil {
		return nil, fmt.Errorf("kms stand-in: %w", err)
	}
	s := &Server{
		URL:  "http://" + listener.Addr().String(),
		Port: listener.Addr().(*net.TCPAddr).Port,
		keys: keys,
		http: &http.Server{Handler: &handler{keys}, ReadHeaderTimeout: 5 * time.Second},
	}
	s.KeyARN = s.ARN(options.KeyID)
	go func() { _ = s.http.Serve(listener) }()
	context.AfterFunc(ctx, func() { _ = s.http.Close() })
	return s, nil
}

// ARN returns the ARN of the key with an id, an alias or an ARN, or "".
func (s *Server) ARN(name string) string {
	key, found := s.keys.find(name)
	if !found {
		return ""
	}
	return s.keys.arn(key.ID)
}

// Stop closes the listener and every connection. Further calls do nothing.
func (s *Server) Stop() error { return s.http.Close() }
