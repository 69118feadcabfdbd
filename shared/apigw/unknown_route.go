package apigw

import "context"

// unknownRoute answers whatever no other operation of the dialect serves. It
// reads nothing of the request.
func unknownRoute(context.Context, API, call) (answer, error) { return answer{}, errNoRoute }
