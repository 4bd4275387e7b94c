// Package store keeps what the guard must remember from one run to the next in one DynamoDB table: what is known of each trail, its recorded
// baseline, how often it was put back, and what people were told.
//
// It trusts none of it: whoever can write to the table can write anything, so that what comes back is checked and bounded, and a caller may
// only let it strengthen a trail. It knows no trail and no channel, and nothing that is not in the table depends on it: every caller goes on
// without it.
package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
)

// API is the part of DynamoDB that the store needs. The client must not retry by itself.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Store is one table. It is safe for concurrent use. Every error is one sentence that says what could not be read or written, and why.
type Store struct {
	API   API
	Table string
	Clock clock.Clock
}

// The keys of the table, and the attribute that DynamoDB deletes an item by.
const (
	attrPK      = "pk"
	attrSK      = "sk"
	attrExpires = "expires" // epoch seconds
	attrToken   = "token"   // of the last conditional write
)

// The partitions.
const (
	pkTrail    = "trail"     // sk: the ARN
	pkTold     = "told"      // sk: the subject
	pkEvent    = "event"     // sk: the subject
	pkIncident = "incident"  // sk: the trail's ARN
	pkThread   = "thread"    // sk: the incident and the destination
	pkRepeat   = "repeat"    // sk: the incident, the destination and what happens again
	pkSweep    = "sweep"     // sk: "discovery"
	pkBaseline = "baseline#" // and the ARN; sk: the version
)

// mostCall bounds one call with its retries: the table never holds up a restore for longer.
const mostCall = 2 * time.Second

type item = map[string]types.AttributeValue

func key(pk, sk string) item { return item{attrPK: text(pk), attrSK: text(sk)} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func moment(t time.Time) types.AttributeValue { return number(t.Unix()) }

func textOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func numberOf(v types.AttributeValue) int64 {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		i, _ := strconv.ParseInt(n.Value, 10, 64) // another number counts as none
		return i
	}
	return 0
}

func momentOf(v types.AttributeValue) time.Time {
	if n := numberOf(v); n > 0 {
		return time.Unix(n, 0).UTC()
	}
	return time.Time{}
}

// call makes a call within its time.
func (s *Store) call(ctx context.Context, what string, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, mostCall)
	defer cancel()
	if err := awscall.Do(ctx, s.Clock, call); err != nil {
		if awscall.Code(err) == "ConditionalCheckFailed" {
			return errCondition
		}
		return &Error{What: what, Why: s.why(err), err: err}
	}
	return nil
}

// errCondition says that an item was not as a condition wants it. No caller of the package sees it.
var errCondition = errors.New("the condition does not hold")

// Error is a call that failed.
type Error struct {
	What string // "read what is known of the trails"
	Why  string
	err  error
}

// Error is the sentence, without a period at its end.
func (e *Error) Error() string { return e.What + ": " + e.Why }

// Unwrap returns the SDK's error.
func (e *Error) Unwrap() error { return e.err }

func (s *Store) why(err error) string {
	switch awscall.Code(err) {
	case "ResourceNotFound":
		return fmt.Sprintf("the state table %.255s is gone; deploy Trailkeeper again", s.Table)
	case "AccessDenied":
		return fmt.Sprintf("the guard's role may not use the state table %.255s; deploy Trailkeeper again, and see whether its policy was changed", s.Table)
	case "ProvisionedThroughputExceeded", "Throttling", "RequestLimitExceeded":
		return fmt.Sprintf("DynamoDB throttles the state table %.255s", s.Table)
	}
	return awscall.Other("DynamoDB", err)
}

func (s *Store) get(ctx context.Context, what, pk, sk string) (item, error) {
	var found item
	err := s.call(ctx, what, func(ctx context.Context) error {
		out, err := s.API.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(s.Table), Key: key(pk, sk), ConsistentRead: aws.Bool(true)})
		if err == nil {
			found = out.Item
		}
		return err
	})
	return found, err
}

// change is one UpdateItem.
type change struct {
	what, pk, sk string
	set, remove  string // of the update expression, without SET and REMOVE
	add          string
	condition    string // empty: none
	names        map[string]string
	values       item
}

// token marks what this call wrote. An answer may be lost and the call made again: then the condition holds because of the token.
func (c change) token() (update, condition string, names map[string]string, values item) {
	set := c.set
	condition = c.condition
	names, values = maps.Clone(c.names), maps.Clone(c.values)
	if condition != "" {
		condition = "(" + condition + ") OR #token = :token"
		names["#token"], values[":token"] = attrToken, text(rand.Text())
		set = strings.TrimPrefix(set+", #token = :token", ", ")
	}
	for _, part := range []struct{ verb, what string }{{"SET ", set}, {" REMOVE ", c.remove}, {" ADD ", c.add}} {
		if part.what != "" {
			update += part.verb + part.what
		}
	}
	return strings.TrimSpace(update), condition, names, values
}

func (s *Store) update(ctx context.Context, c change) error {
	expression, condition, names, values := c.token()
	in := &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key(c.pk, c.sk), UpdateExpression: aws.String(expression), ExpressionAttributeValues: values,
		ExpressionAttributeNames: names,
	}
	if condition != "" {
		in.ConditionExpression = aws.String(condition)
	}
	return s.call(ctx, c.what, func(ctx context.Context) error {
		_, err := s.API.UpdateItem(ctx, in)
		return err
	})
}

// mostPages bounds a query: a page holds up to 1 MB (DynamoDB Developer Guide, "Paginating table query results").
const mostPages = 20

// query reads all items of a partition. With an error it returns those that it has read.
func (s *Store) query(ctx context.Context, what, pk string) ([]item, error) {
	var all []item
	var from item
	for range mostPages {
		err := s.call(ctx, what, func(ctx context.Context) error {
			out, err := s.API.Query(ctx, &dynamodb.QueryInput{
				TableName: aws.String(s.Table), KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(pk)},
				ConsistentRead: aws.Bool(true), ExclusiveStartKey: from,
			})
			if err == nil {
				all, from = append(all, out.Items...), out.LastEvaluatedKey
			}
			return err
		})
		if err != nil || len(from) == 0 {
			return all, err
		}
	}
	return all, &Error{What: what, Why: fmt.Sprintf("the state table %.255s holds more than %d MB of it; delete what Trailkeeper did not write", s.Table, mostPages)}
}
