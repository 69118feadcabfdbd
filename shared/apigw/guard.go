package apigw

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
)

// guard runs do, and makes a panic an error of kind [apikey.Internal].
func guard[R any](do func() (R, error)) (result R, err error) {
	defer func() {
		if value := recover(); value != nil {
			var zero R
			result, err = zero, &crash{value, debug.Stack()}
		}
	}()
	return do()
}

// crash is a panic as an error.
type crash struct {
	value any
	stack []byte
}

// Error is for the log only. Of the panic, only the runtime's own texts are
// shown: another could hold anything, a key too.
func (c *crash) Error() string {
	told := fmt.Sprintf("%T", c.value)
	if err, ok := c.value.(runtime.Error); ok {
		told = err.Error()
	}
	return fmt.Sprintf("panic: %s\n%s", told, c.stack)
}

// entry is what there is to log of an answer besides the request.
type entry struct {
	status   int
	code     string
	duration time.Duration
	err      error
	// damaged are the records that a list left out.
	damaged []apikey.Damage
}

// record writes the one line of a request. A fault of the caller's is told by
// its code; what it sent may hold anything, a key too, and is not written. A
// fault of Keyward's is written with its cause, and so is a damaged record.
func (api API) record(ctx context.Context, op operations.Operation, event events.APIGatewayProxyRequest, e entry) {
	attrs := []slog.Attr{
		slog.String("operation", op.Name),
		slog.Int("status", e.status),
		slog.Float64("durationMs", float64(e.duration.Microseconds())/1000),
		slog.String("requestId", event.RequestContext.RequestID),
	}
	if caller, err := callerOf(event); err == nil {
		attrs = append(attrs, who(caller))
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

// maxNamed is how many damaged records a line of the log names.
const maxNamed = 20

// damageTexts says which records are damaged, and how.
func damageTexts(damaged []apikey.Damage) (texts []string) {
	for _, damage := range damaged[:min(len(damaged), maxNamed)] {
		texts = append(texts, damage.Ref.String()+": "+damage.Cause.Error())
	}
	return texts
}

// who names the caller in the log.
func who(caller apikey.Caller) slog.Attr {
	if caller.Key.IsZero() {
		return slog.String("userId", caller.User.String())
	}
	return slog.String("keyId", caller.Key.String())
}
