package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// stock is an authorizer as most are written in Go: with aws-lambda-go's types,
// encoding/json, a new HMAC, and a map of the digests of valid keys.
type stock struct {
	pepper []byte
	ids    map[[sha256.Size]byte]string
}

func newStock(f *fixture) stock {
	s := stock{[]byte("0123456789abcdef0123456789abcdef"), map[[sha256.Size]byte]string{}}
	for _, key := range f.keys[:measuredKeys] {
		s.ids[s.digest(key.Reveal())] = key.ID().String()
	}
	return s
}

func (s stock) digest(key string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, s.pepper)
	_, _ = mac.Write([]byte(key))
	return [sha256.Size]byte(mac.Sum(nil))
}

func (s stock) invoke(payload []byte) ([]byte, error) {
	var e events.APIGatewayCustomAuthorizerRequestTypeRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	id, known := s.ids[s.digest(strings.TrimPrefix(e.Headers["Authorization"], "Bearer "))]
	if !known {
		return nil, errors.New("Unauthorized")
	}
	return json.Marshal(events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: id,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: []events.IAMPolicyStatement{
			{Action: []string{"execute-api:Invoke"}, Effect: "Allow", Resource: []string{e.MethodArn}},
		}},
		Context: map[string]any{"orgId": "bench", "keyId": id, "keyType": "service", "userId": "", "permissions": "ManageApiKeys"},
	})
}
