package reading

import (
	"context"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/trail"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// readSelectors keeps the selectors in their order, in which people wrote them, and sorts the values in them.
func readSelectors(ctx context.Context, api API, s *trail.State) error {
	out, err := api.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: aws.String(s.ARN)})
	if err != nil {
		return err
	}
	s.Selectors, s.Advanced = nil, nil
	for _, e := range out.EventSelectors {
		sel := trail.Selector{
			ReadWrite: string(e.ReadWriteType), Management: e.IncludeManagementEvents == nil || *e.IncludeManagementEvents,
			ExcludeSources: sorted(e.ExcludeManagementEventSources),
		}
		if sel.ReadWrite == "" {
			sel.ReadWrite = "All" // CloudTrail API reference, EventSelector: the default
		}
		for _, d := range e.DataResources {
			sel.DataResources = append(
				sel.DataResources,
				trail.DataResource{Type: aws.ToString(d.Type), Values: sorted(d.Values)},
			)
		}
		slices.SortStableFunc(sel.DataResources, func(a, b trail.DataResource) int { return strings.Compare(a.Type, b.Type) })
		s.Selectors = append(s.Selectors, sel)
	}
	for _, e := range out.AdvancedEventSelectors {
		sel := trail.AdvancedSelector{Name: aws.ToString(e.Name)}
		for _, f := range e.FieldSelectors {
			sel.Fields = append(sel.Fields, trail.FieldSelector{
				Field:         aws.ToString(f.Field),
				Equals:        sorted(f.Equals),
				NotEquals:     sorted(f.NotEquals),
				StartsWith:    sorted(f.StartsWith),
				NotStartsWith: sorted(f.NotStartsWith),
				EndsWith:      sorted(f.EndsWith),
				NotEndsWith:   sorted(f.NotEndsWith),
			})
		}
		s.Advanced = append(s.Advanced, sel)
	}
	return nil
}

// sorted returns the texts in order, and nil for none.
func sorted(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

func plainTexts[T ~string](list []T) []string {
	var plain []string
	for _, v := range list {
		plain = append(plain, string(v))
	}
	return plain
}
