// Package kms stands in for AWS KMS on this machine. It speaks the wire
// protocol (JSON 1.1 over HTTP) for the operations that Keyward and its tests
// use, and enforces what they rely on: encryption contexts, key state, and
// ciphertext that nobody altered.
//
// It checks that a request is signed, not by whom: whoever reaches it may use
// every key. It listens on the loopback interface alone.
package kms

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/keyward/keyward/infra/local/port"
)

// The values of a stand-in whose options name no others.
const (
	DefaultRegion  = "us-east-1"
	DefaultAccount = "000000000000"
)

// Options chooses what a stand-in holds and where it listens.
type Options struct {
	// KeyID is a key that exists from the start: an id such as a UUID, or an
	// alias ("alias/NAME") of a new key. Empty: no key but those in File.
	KeyID string
	// MoreKeys are further keys that exist from the start, named like KeyID.
	MoreKeys []string
	// File keeps the keys over restarts; it is written with mode 0600. Empty:
	// keys live as long as the process.
	File string
	// Port is the port on 127.0.0.1; 0 takes a free one.
	Port int
	// Region and Account are part of each key's ARN.
	Region, Account string
}

// Server is a running stand-in.
type Server struct {
	// URL is the endpoint for AWS_ENDPOINT_URL_KMS.
	URL string
	// Port is where it listens: give it to the next Start to come back in the
	// same place.
	Port int
	// KeyARN names the key of Options.KeyID; empty where none was asked for.
	KeyARN string

	keys *keyring
	http *http.Server
	done chan error
}

// Start runs a stand-in until ctx ends or [Server.Stop] is called. It fails
// where the port is taken and where the file cannot be read or written.
func Start(ctx context.Context, options Options) (*Server, error) {
	handler, arn, err := open(options)
	if err != nil {
		return nil, err
	}
	for _, name := range options.MoreKeys {
		if _, err := handler.keys.ensure(name); err != nil {
			return nil, err
		}
	}
	listener, err := port.Listen("127.0.0.1", options.Port)
	if err != nil {
		return nil, fmt.Errorf("kms stand-in: %w", err)
	}
	s := &Server{
		URL:    "http://" + listener.Addr().String(),
		Port:   listener.Addr().(*net.TCPAddr).Port,
		KeyARN: arn,
		keys:   handler.keys,
		http:   &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second},
		done:   make(chan error, 1),
	}
	go func() { s.done <- s.http.Serve(listener) }()
	context.AfterFunc(ctx, func() { _ = s.http.Close() })
	return s, nil
}

// ARN is the ARN of the key that an id, an alias or an ARN names; empty where
// there is none.
func (s *Server) ARN(name string) string {
	key, found := s.keys.find(name)
	if !found {
		return ""
	}
	return s.keys.arn(key.ID)
}

// Stop closes the listener and every connection. It may be called again.
func (s *Server) Stop() error {
	err := s.http.Close()
	served := <-s.done
	s.done <- served
	if !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func open(options Options) (*handler, string, error) {
	if options.Region == "" {
		options.Region = DefaultRegion
	}
	if options.Account == "" {
		options.Account = DefaultAccount
	}
	keys, err := openKeyring(options.File, "arn:aws:kms:"+options.Region+":"+options.Account+":")
	if err != nil {
		return nil, "", err
	}
	h := &handler{keys: keys, account: options.Account}
	if options.KeyID == "" {
		return h, "", nil
	}
	key, err := keys.ensure(options.KeyID)
	if err != nil {
		return nil, "", err
	}
	return h, keys.arn(key.ID), nil
}
