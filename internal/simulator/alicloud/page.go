package alicloud

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// The sizes of pages
// (https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances
// and .../api-ecs-2014-05-26-describeinstancestatus).
const (
	defaultPage   = 10
	maxPage       = 100
	maxStatusPage = 50
)

// page is what of a list is asked for.
type page struct {
	offset, size, number int
	// byToken says that pages follow each other by a token, not by a number.
	byToken bool
}

// numbered reads PageNumber and PageSize.
func (p *parameters) numbered(largest int, large string) (page, *simulator.Refusal) {
	pg := page{size: defaultPage, number: 1}
	if p.pageNumber != nil {
		if pg.number = *p.pageNumber; pg.number < 1 {
			return pg, invalid("PageNumber")
		}
	}
	if p.pageSize != nil {
		pg.size = *p.pageSize
		if pg.size > largest && large == Capped {
			pg.size = largest
		}
		if pg.size < 1 || pg.size > largest {
			return pg, invalid("PageSize")
		}
	}
	pg.offset = (min(pg.number, math.MaxInt32) - 1) * pg.size
	return pg, nil
}

// tokenized reads MaxResults and NextToken. A size under 10 means 10, one over
// 100 means 100 (SDK source, DescribeInstancesRequest).
func (p *parameters) tokenized() (page, *simulator.Refusal) {
	pg := page{size: defaultPage, byToken: true}
	if p.maxResults != nil {
		pg.size = min(max(*p.maxResults, defaultPage), maxPage)
	}
	if token := p.message.get("NextToken"); token != "" {
		offset, ok := p.offsetOf(token)
		if !ok {
			return pg, invalid("NextToken")
		}
		pg.offset = offset
	}
	return pg, nil
}

// token makes the token of the page that begins at an offset. It is good for
// the same question only.
func (p *parameters) token(offset int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d/%s", offset, p.question()))
}

func (p *parameters) offsetOf(token string) (int, bool) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	var offset int
	var question string
	if _, err := fmt.Sscanf(string(text), "%d/%s", &offset, &question); err != nil {
		return 0, false
	}
	return offset, offset > 0 && question == p.question()
}

// question is a digest of what a list is asked, without the paging.
func (p *parameters) question() string {
	var text strings.Builder
	spec := actions()[describeInstances]
	for _, name := range p.message.names() {
		plain := listNumber.ReplaceAllString(name, ".N$2")
		switch plain {
		case "NextToken", "MaxResults", "DryRun":
			continue
		}
		for _, known := range append(spec.required, spec.optional...) {
			if plain == known {
				text.WriteString(encode(name) + "=" + encode(p.message.get(name)) + "&")
			}
		}
	}
	return signing.Hash([]byte(text.String()))[:16]
}
