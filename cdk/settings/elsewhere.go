package settings

import (
	"fmt"
	"maps"
	"slices"

	"trailkeeper/lambda/config"
)

// named is an ARN that a setting gives. What is none is reported by its own setting.
type named struct {
	config.ARN

	key string
}

func name(key, arn string) named {
	a, _ := config.ParseARN(arn)
	return named{a, key}
}

// arns are the resources that must be in the stack's own Region: each is used through the Region's endpoint, by the
// function, EventBridge, CloudWatch or CloudFormation. Subscribers are not among them: SNS delivers to queues and
// functions of other Regions.
func (s Settings) arns() []named {
	listed := []named{
		name("secret", s.Secret),
		name("secretKeyArn", s.SecretKeyARN),
		name("sns.topicArn", s.SNS.TopicARN),
		name("sns.topicKeyArn", s.SNS.TopicKeyARN),
		name("function.failureQueueArn", s.Function.FailureQueueARN),
		name("function.deadLetterArn", s.Function.DeadLetterARN),
		name("encryptionKey", s.EncryptionKey),
		name("canary.key", s.Canary.Key),
		name("firstTrail.key", s.FirstTrail.Key),
	}
	for i, arn := range s.SNS.RouteKeyARNs {
		listed = append(listed, name(fmt.Sprintf("sns.routeKeyArns[%d]", i), arn))
	}
	for i, r := range s.Routes {
		for j, arn := range r.Topics {
			listed = append(listed, name(fmt.Sprintf("routes[%d].topics[%d]", i, j), arn))
		}
	}
	return slices.DeleteFunc(listed, func(n named) bool { return n.Region == "" || n.Account == "" })
}

// elsewhere are the ARNs that are not where the stack is; without env, those that are not where the first one is; and
// those whose partition is not their Region's, so that they name nothing. The failure queue must be in the account as
// well: the metrics of another account's queue are not here, so that no alarm would tell of what lies in it.
func (s Settings) elsewhere() []error {
	all := s.arns()
	if len(all) == 0 {
		return nil
	}
	region, where := s.Env.Region, "env.region"
	if region == "" {
		region, where = all[0].Region, all[0].key
	}
	var errs []error
	for _, n := range all {
		if got := n.Region; got != region {
			errs = append(errs, fmt.Errorf("%s is in %s; want %s, the Region of %s", n.key, got, region, where))
		}
		if want, known := config.PartitionOf(n.Region); known && n.Partition != want {
			errs = append(
				errs,
				fmt.Errorf("%s is in the partition %s; want %s, that of its Region %s", n.key, n.Partition, want, n.Region),
			)
		}
		if got := n.Account; n.key == "function.failureQueueArn" && s.Env.Account != "" && got != s.Env.Account {
			errs = append(
				errs,
				fmt.Errorf("%s is in account %s; want %s, that of env.account: no alarm can watch the queue of another account",
					n.key, got, s.Env.Account),
			)
		}
	}
	return errs
}

// otherPartition is what is in another partition than the stack, and out of its reach: no policy takes such a
// principal, no credentials hold in such a Region, SNS delivers nothing there, and no event is about such a trail. The
// role that deploys is in the stack's account as well.
func (s Settings) otherPartition() []error {
	region := s.Place().Region
	want, known := config.PartitionOf(region)
	if !known {
		return nil
	}
	var errs []error
	for i, r := range s.Sweep.Regions {
		if got, known := config.PartitionOf(r); known && got != want {
			errs = append(
				errs,
				fmt.Errorf(
					"sweep.regions[%d] is %s, in the partition %s; want Regions of %s, that of the stack's Region %s",
					i,
					r,
					got,
					want,
					region,
				),
			)
		}
	}
	for _, n := range s.reached() {
		if got := n.Partition; got != want {
			errs = append(
				errs,
				fmt.Errorf("%s is in the partition %s; want %s, that of the stack's Region %s", n.key, got, want, region),
			)
		}
		if of, known := config.PartitionOf(n.Region); known && of != n.Partition && n.Partition == want {
			errs = append(
				errs,
				fmt.Errorf("%s is in the partition %s; want %s, that of its Region %s", n.key, n.Partition, of, n.Region),
			)
		}
		if got := n.Account; n.key == "deployRole" && s.Env.Account != "" && got != s.Env.Account {
			errs = append(
				errs,
				fmt.Errorf(
					"deployRole is in account %s; want %s, that of env.account: CloudFormation takes no role of another account",
					got,
					s.Env.Account,
				),
			)
		}
	}
	return errs
}

// reached are the principals, subscribers and trails that may be in any Region of the partition.
func (s Settings) reached() []named {
	all := []named{name("deployRole", s.DeployRole)}
	for i, arn := range s.Table.BreakGlass {
		all = append(all, name(fmt.Sprintf("table.breakGlass[%d]", i), arn))
	}
	for i, a := range s.Approvals {
		all = append(
			all,
			name(fmt.Sprintf("approvals[%d].principal", i), a.Principal),
			name(fmt.Sprintf("approvals[%d].trail", i), a.Trail),
		)
	}
	for i, o := range s.Overrides {
		all = append(all, name(fmt.Sprintf("overrides[%d].trail", i), o.Trail))
	}
	for i, r := range s.Routes {
		for j, arn := range r.Trails {
			all = append(all, name(fmt.Sprintf("routes[%d].trails[%d]", i, j), arn))
		}
	}
	for _, endpoint := range slices.Sorted(maps.Keys(s.SNS.Subscriptions)) {
		all = append(all, name("sns.subscriptions: "+endpointShape(endpoint), endpoint))
	}
	return slices.DeleteFunc(all, func(n named) bool { return n.Account == "" })
}
