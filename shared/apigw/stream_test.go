package apigw_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apikey"
)

// batch returns a batch of changes with those new images, numbered from 1.
func batch(images ...string) (event apigw.StreamEvent) {
	event.Records = []apigw.StreamRecord{}
	for i, image := range images {
		var record apigw.StreamRecord
		record.Change.SequenceNumber, record.Change.NewImage = fmt.Sprint(i+1), json.RawMessage(image)
		event.Records = append(event.Records, record)
	}
	return event
}

// auditImage returns an audit record's item.
func auditImage(n int, target string) string {
	return fmt.Sprintf(`{"pk":{"S":"ORG#demo"},"sk":{"S":"2026-01-02T03:04:05.678Z#00000000-0000-4000-8000-%012d"},"org":{"S":"demo"},"at":{"S":"2026-01-02T03:04:05.678Z"},
		"action":{"S":"apikey.update"},"target":{"S":"%s"},"key":{"S":""},"actorName":{"S":"a"},"actorID":{"S":""},"userAgent":{"S":""},"requestID":{"S":""}}`, n, target)
}

func (s *stage) publish(event apigw.StreamEvent) (failed []string, err error) {
	s.t.Helper()
	handler, _ := apigw.Find(s.api, "publish-events")
	answer, err := handler.(apigw.StreamHandler)(s.t.Context(), event)
	for _, failure := range answer.BatchItemFailures {
		failed = append(failed, failure.ItemIdentifier)
	}
	return failed, err
}

// Each new audit record becomes an event, in order. Deletions are no events. The
// answer names exactly what failed: records that cannot be read, and events that
// the bus refused; the others are published.
func TestPublishEvents(t *testing.T) {
	s := newStage(t)
	s.bus.failing = map[string]bool{"demo b": true}
	failed, err := s.publish(batch(auditImage(1, "a"), `{"pk":{"S":"x"}}`, auditImage(2, "b"), "", `{"pk":{"X":1}}`, auditImage(3, "a"), `[]`))
	if err != nil || fmt.Sprint(failed) != "[2 3 5 7]" {
		t.Errorf("failed %v, %v", failed, err)
	}
	var published []string
	for _, event := range s.bus.published {
		published = append(published, strings.TrimLeft(event.ID, "0-48")+" "+event.Type+" "+event.Subject)
	}
	if fmt.Sprint(published) != "[1 apikey.changed demo a 3 apikey.changed demo a]" {
		t.Errorf("published %q", published)
	}
}

// A batch of which nothing fails has an answer that says so, which Lambda tells
// apart from no answer. What is no batch is an error, and so is a panic.
func TestStreamAnswers(t *testing.T) {
	s := newStage(t)
	handler, _ := apigw.Find(s.api, "publish-events")
	answer, err := handler.(apigw.StreamHandler)(t.Context(), batch())
	if text, _ := json.Marshal(answer); err != nil || string(text) != `{"batchItemFailures":[]}` {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := s.publish(apigw.StreamEvent{}); err == nil {
		t.Error("an event without records was taken")
	}
	s.api.AuditRecord = func(apigw.Image) (apikey.AuditRecord, error) { panic("canary") }
	if _, err := s.publish(batch(auditImage(1, "a"))); err == nil || strings.Contains(s.log.String(), "canary") {
		t.Errorf("a panic: %v", err)
	}
}

// The type of a batch reads what Lambda sends.
func TestStreamEventIsLambdas(t *testing.T) {
	sent := events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{{
		EventName: "INSERT", Change: events.DynamoDBStreamRecord{
			SequenceNumber: "7", NewImage: map[string]events.DynamoDBAttributeValue{"pk": events.NewStringAttribute("a")},
		},
	}}}
	text, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	got := decode[apigw.StreamEvent](t, string(text))
	if len(got.Records) != 1 || got.Records[0].Change.SequenceNumber != "7" || string(got.Records[0].Change.NewImage) != `{"pk":{"S":"a"}}` {
		t.Errorf("%s was read as %+v", text, got)
	}
}
