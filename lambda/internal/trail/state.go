// Package trail knows what defines a trail: one table of its fields, by which two states are compared, worded, and put
// back. Package reading reads the states from CloudTrail.
//
// It calls nothing, notifies nobody, and refuses to know why a trail differs: a baseline is right because a person
// declared it.
package trail

import (
	"time"

	"trailkeeper/lambda/config/baseline"
)

// The types are those of package baseline, which documents them.
type (
	// State is everything that defines a trail.
	State = baseline.State
	// Part is what one call shows of a trail.
	Part = baseline.Part
	// Settings are what UpdateTrail sets.
	Settings = baseline.Settings
	// Selector is a basic event selector.
	Selector = baseline.Selector
	// DataResource is what a basic selector records data events of.
	DataResource = baseline.DataResource
	// AdvancedSelector is an advanced event selector.
	AdvancedSelector = baseline.AdvancedSelector
	// FieldSelector is a condition on one field of an event.
	FieldSelector = baseline.FieldSelector
	// InsightSelector is one kind of Insights events.
	InsightSelector = baseline.InsightSelector
	// EventConfiguration is what PutEventConfiguration sets.
	EventConfiguration = baseline.EventConfiguration
	// ContextKey is what enriches the events.
	ContextKey = baseline.ContextKey
	// Aggregation is what is aggregated of a category of events.
	Aggregation = baseline.Aggregation
	// Delivery is what GetTrailStatus says of the delivery of files.
	Delivery = baseline.Delivery
)

// The parts of a trail, each what one call shows of it.
const (
	PartSettings  = baseline.PartSettings
	PartLogging   = baseline.PartLogging
	PartSelectors = baseline.PartSelectors
	PartInsights  = baseline.PartInsights
	PartEvents    = baseline.PartEvents
	PartTags      = baseline.PartTags
)

// SameStop is how far the time of a stop in a trail's status may be from that of the stop's event.
const SameStop = time.Minute
