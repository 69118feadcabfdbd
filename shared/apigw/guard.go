package apigw

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
)

// guard runs do and turns a panic into an error of kind [apikey.Internal].
func guard[R any](do func() (R, error)) (result R, err error) {
	defer func() {
		if value := recover(); value != nil {
			var zero R
			result, err = zero, &crash{value, debug.Stack()}
		}
	}()
	return do()
}

// crash wraps a panic as an error.
type crash struct {
	value any
	stack []byte
}

// Error returns a text for the log only. It shows the panic's text only if it is
// the runtime's own: any other could contain a key.
func (c *crash) Error() string {
	told := fmt.Sprintf("%T", c.value)
	if err, ok := c.value.(runtime.Error); ok {
		told = err.Error()
	}
	return fmt.Sprintf("panic: %s\n%s", told, c.stack)
}

// entry holds what is logged about an answer, besides the request.
type entry struct {
	requestID string
	// caller is zero if nobody was let through.
	caller   apikey.Caller
	status   int
	code     string
	duration time.Duration
	err      error
	// damaged lists the records that a list left out.
	damaged []apikey.Damage
}

// record writes the one log line of a request. For a fault of the caller, it
// logs the code but nothing that the caller sent, which could contain a key. For
// a fault of Keyward or a damaged record, it logs the cause.
func (api API) record(ctx context.Context, op operations.Operation, e entry) {
	attrs := []slog.Attr{
		slog.String("operation", op.Name),
		slog.Int("status", e.status),
		slog.Float64("durationMs", float64(e.duration.Microseconds())/1000),
		slog.String("requestId", e.requestID),
	}
	if e.caller.Org != "" {
		attrs = append(attrs, who(e.caller))
	}
	if e.code != "" {
		attrs = append(attrs, slog.String("code", e.code))
	}
	level := slog.LevelInfo
	if e.status >= http.StatusInternalServerError {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", e.err.Error()))
	}
	if len(e.damaged) > 0 {
		level = max(level, slog.LevelWarn)
		attrs = append(attrs, slog.Int("damaged", len(e.damaged)), slog.Any("damage", damageTexts(e.damaged)))
	}
	api.Log.LogAttrs(ctx, level, "request", attrs...)
}

// maxNamed is the maximum number of damaged records that one log line names.
const maxNamed = 20

// damageTexts says which records are damaged, and how.
func damageTexts(damaged []apikey.Damage) (texts []string) {
	for _, damage := range damaged[:min(len(damaged), maxNamed)] {
		texts = append(texts, damage.Ref.String()+": "+damage.Cause.Error())
	}
	return texts
}

// who returns the caller as a log attribute.
func who(caller apikey.Caller) slog.Attr {
	if caller.Key.IsZero() {
		return slog.String("userId", caller.User.String())
	}
	return slog.String("keyId", caller.Key.String())
}
