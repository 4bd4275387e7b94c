package reading

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

// maxTagged is how many trails one call lists the tags of (CloudTrail API reference, ListTags).
const maxTagged = 20

// maxPages ends a list whose pages never end. ListTags has one page today: its NextToken is "reserved for future use".
const maxPages = 10

// tags reads the tags of trails of one Region.
func (r *Reader) tags(ctx context.Context, region string, all []*observation) {
	for batch := range slices.Chunk(all, maxTagged) {
		err := r.tagBatch(ctx, region, batch)
		switch {
		case err == nil:
		case len(batch) > 1 && answersForOne(err):
			for _, o := range batch {
				r.tags(ctx, region, []*observation{o})
			}
		default:
			for _, o := range batch {
				o.unseen(trail.PartTags, err)
			}
		}
	}
}

// answersForOne reports whether a call about several trails was refused because of one of them: it is gone by now, or
// its tags are denied.
func answersForOne(err error) bool {
	return !awscall.Passing(err) && awscall.Code(err) != ""
}

func (r *Reader) tagBatch(ctx context.Context, region string, batch []*observation) error {
	in := &cloudtrail.ListTagsInput{}
	for _, o := range batch {
		in.ResourceIdList = append(in.ResourceIdList, o.state.ARN)
	}
	found := make(map[string]map[string]string)
	for range maxPages {
		var out *cloudtrail.ListTagsOutput
		err := r.call(ctx, region, func(ctx context.Context) (err error) {
			out, err = r.Client(region).ListTags(ctx, in)
			return err
		})
		if err != nil {
			return err
		}
		gatherTags(found, out)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	for _, o := range batch {
		o.state.Tags = found[o.state.ARN]
	}
	return nil
}

// gatherTags leaves out AWS's own tags, such as CloudFormation's: nobody but AWS can set or remove those, and no repair
// could put them back.
func gatherTags(found map[string]map[string]string, out *cloudtrail.ListTagsOutput) {
	for _, list := range out.ResourceTagList {
		arn := aws.ToString(list.ResourceId)
		for _, tag := range list.TagsList {
			key := aws.ToString(tag.Key)
			if strings.HasPrefix(key, "aws:") {
				continue
			}
			if found[arn] == nil {
				found[arn] = make(map[string]string)
			}
			found[arn][key] = aws.ToString(tag.Value)
		}
	}
}
