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

// failed converts a call's error: [apikey.Permanent] if DynamoDB will never
// accept the call, [apikey.Unavailable] otherwise.
func failed(doing string, err error) *apikey.Error {
	if permanent(err) {
		return apikey.PermanentError(doing, err)
	}
	return apikey.UnavailableError(doing, err)
}

// permanent reports whether DynamoDB will always refuse a call because of its
// content, such as an item or a transaction that is too large, or a key that is
// too long. Problems that an operator can fix, such as a missing IAM permission
// or table, are not permanent.
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
