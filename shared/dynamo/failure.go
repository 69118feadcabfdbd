package dynamo

import (
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/keyward/keyward/shared/apikey"
)

// failed makes a call's error one of the rules: [apikey.Permanent] where
// DynamoDB will never take this call, [apikey.Unavailable] otherwise.
func failed(doing string, err error) *apikey.Error {
	if permanent(err) {
		return apikey.PermanentError(doing, err)
	}
	return apikey.UnavailableError(doing, err)
}

// permanent reports whether DynamoDB refuses what was sent, and not who sent it
// or when: an item or a transaction that is too large, a key that is too long.
// Whatever an operator can mend, such as a right or a table that is missing, is
// not permanent.
func permanent(err error) bool {
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		for _, reason := range cancelled.CancellationReasons {
			switch aws.ToString(reason.Code) {
			case invalidItem, "ItemCollectionSizeLimitExceeded":
				return true
			}
		}
		return false
	}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && response.HTTPStatusCode() == http.StatusRequestEntityTooLarge {
		return true
	}
	refusal, ok := errors.AsType[smithy.APIError](err)
	return ok && (refusal.ErrorCode() == "ValidationException" || refusal.ErrorCode() == "SerializationException")
}
