// Command floor is the least that verifies a key over HTTP without a gateway:
// net/http, JSON in and out, and one HMAC. It prints its address.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	secret, kept := make([]byte, 32), make([]byte, sha256.Size)
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // It ends with the measurement.
		var asked struct{ Key string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, "not JSON", http.StatusBadRequest)
			return
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(asked.Key))
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]bool{"valid": hmac.Equal(mac.Sum(nil), kept)})
	})))
}
