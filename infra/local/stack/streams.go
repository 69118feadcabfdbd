package stack

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/keyward/keyward/infra/local/lambda"
	"github.com/keyward/keyward/infra/local/pump"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// tableNames are the names of the tables whose streams invoke functions.
var tableNames = map[operations.Resource]string{operations.AuditTable: schema.AuditTableName, operations.UsageTable: schema.UsageTableName}

// startPumps invokes functions with the changes in their tables' streams until
// the stack stops. There are none with another DynamoDB than the local one.
func (s *Stack) startPumps() {
	if s.dynamodb == nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	var pumps sync.WaitGroup
	for _, op := range operations.All() {
		if op.Stream == "" {
			continue
		}
		pumps.Go(func() {
			pump.Run(ctx, pump.Options{
				URL: s.rolesURL, Region: Region, Table: tableNames[op.Stream], Function: op.Name, Batch: plan.StreamBatch, Retries: plan.StreamRetries, Bytes: lambda.MaxPayload,
				Invoke:       func(ctx context.Context, event []byte) ([]byte, error) { return s.Invoke(ctx, op.Name, event) },
				OnDeadLetter: s.logDeadLetter,
				Warn:         func(line string) { s.logStream("WARN", "the stream of "+op.Name+" cannot be read", line) },
			})
		})
	}
	s.stopPumps = func() {
		stop()
		pumps.Wait()
	}
}

// logDeadLetter shows a dead letter in the log, as an error.
func (s *Stack) logDeadLetter(letter pump.DeadLetter) {
	if !s.guard.Sends(letter.Function) {
		s.logStream("ERROR", "the role of "+letter.Function+" does not let it send dead letters", letter)
	}
	s.logStream("ERROR", "dead letter", letter)
}

func (s *Stack) logStream(level, message string, what any) {
	line, _ := json.Marshal(map[string]any{"level": level, "msg": message, "what": what})
	s.options.Log("stream", string(line))
}
