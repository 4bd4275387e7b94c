package reading

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// API is the part of CloudTrail that shows a trail.
type API interface {
	describeTrailsAPI
	getTrailStatusAPI
	getEventSelectorsAPI
	getInsightSelectorsAPI
	getEventConfigurationAPI
	listTagsAPI
}

type describeTrailsAPI interface {
	DescribeTrails(
		context.Context,
		*cloudtrail.DescribeTrailsInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.DescribeTrailsOutput, error)
}

type getTrailStatusAPI interface {
	GetTrailStatus(
		context.Context,
		*cloudtrail.GetTrailStatusInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.GetTrailStatusOutput, error)
}

type getEventSelectorsAPI interface {
	GetEventSelectors(
		context.Context,
		*cloudtrail.GetEventSelectorsInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.GetEventSelectorsOutput, error)
}

type getInsightSelectorsAPI interface {
	GetInsightSelectors(
		context.Context,
		*cloudtrail.GetInsightSelectorsInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.GetInsightSelectorsOutput, error)
}

type getEventConfigurationAPI interface {
	GetEventConfiguration(
		context.Context,
		*cloudtrail.GetEventConfigurationInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.GetEventConfigurationOutput, error)
}

type listTagsAPI interface {
	ListTags(context.Context, *cloudtrail.ListTagsInput, ...func(*cloudtrail.Options)) (*cloudtrail.ListTagsOutput, error)
}
