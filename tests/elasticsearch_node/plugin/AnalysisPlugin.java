package feedmill.testnode;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.de.GermanNormalizationFilter;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.util.ElisionFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.Plugin;
import org.tartarus.snowball.SnowballStemmer;
import org.tartarus.snowball.ext.DanishStemmer;
import org.tartarus.snowball.ext.DutchStemmer;
import org.tartarus.snowball.ext.EnglishStemmer;
import org.tartarus.snowball.ext.FrenchStemmer;
import org.tartarus.snowball.ext.GermanStemmer;
import org.tartarus.snowball.ext.ItalianStemmer;
import org.tartarus.snowball.ext.NorwegianStemmer;
import org.tartarus.snowball.ext.PortugueseStemmer;
import org.tartarus.snowball.ext.RussianStemmer;
import org.tartarus.snowball.ext.SpanishStemmer;
import org.tartarus.snowball.ext.SwedishStemmer;

/**
 * The token filters that config/elasticsearch names, for a node whose distribution lacks the analysis-common module.
 * Names and parameters are that module's, and each filter is the Lucene class that the module uses, so the terms are
 * the same. A filter that no template names is not here: a template that starts to name one fails in the tests.
 */
public final class AnalysisPlugin extends Plugin implements org.elasticsearch.plugins.AnalysisPlugin {

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of(
            "asciifolding", (index, environment, name, settings) -> {
                boolean keep = settings.getAsBoolean("preserve_original", false);
                return factory(name, input -> new ASCIIFoldingFilter(input, keep));
            },
            "german_normalization", (index, environment, name, settings) -> factory(name, GermanNormalizationFilter::new),
            "elision", (index, environment, name, settings) -> {
                var ignoreCase = settings.getAsBoolean("articles_case", false);
                var articles = new CharArraySet(settings.getAsList("articles", List.of()), ignoreCase);
                return factory(name, input -> new ElisionFilter(input, articles));
            },
            "cjk_bigram", (index, environment, name, settings) -> factory(name, CJKBigramFilter::new),
            "pattern_replace", (index, environment, name, settings) -> {
                var pattern = Pattern.compile(settings.get("pattern", ""));
                var replacement = settings.get("replacement", "");
                boolean all = settings.getAsBoolean("all", true);
                return factory(name, input -> new PatternReplaceFilter(input, pattern, replacement, all));
            },
            "stemmer", (index, environment, name, settings) -> factory(name, stemmer(settings)),
            // The node's own index of users, roles and keys names these two and the tokenizer below.
            "pattern_capture", (index, environment, name, settings) -> {
                var patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
                boolean keep = settings.getAsBoolean("preserve_original", true);
                return factory(name, input -> new PatternCaptureGroupTokenFilter(input, keep, patterns));
            },
            "unique", (index, environment, name, settings) -> factory(name, RemoveDuplicatesTokenFilter::new)
        );
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of(
            "uax_url_email", (index, environment, name, settings) -> TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new)
        );
    }

    private static TokenFilterFactory factory(String name, UnaryOperator<TokenStream> wrap) {
        return new AbstractTokenFilterFactory(name) {
            @Override
            public TokenStream create(TokenStream input) {
                return wrap.apply(input);
            }
        };
    }

    /** A Snowball stemmer keeps state, so each stream gets its own. The node makes one of each filter without settings. */
    private static UnaryOperator<TokenStream> stemmer(Settings settings) {
        String language = settings.get("language", settings.get("name", "porter"));
        return switch (language) {
            case "possessive_english" -> EnglishPossessiveFilter::new;
            case "porter" -> PorterStemFilter::new;
            case "porter2" -> input -> snowball(input, new EnglishStemmer());
            case "german" -> input -> snowball(input, new GermanStemmer());
            case "french" -> input -> snowball(input, new FrenchStemmer());
            case "italian" -> input -> snowball(input, new ItalianStemmer());
            case "spanish" -> input -> snowball(input, new SpanishStemmer());
            case "portuguese" -> input -> snowball(input, new PortugueseStemmer());
            case "swedish" -> input -> snowball(input, new SwedishStemmer());
            case "danish" -> input -> snowball(input, new DanishStemmer());
            case "norwegian" -> input -> snowball(input, new NorwegianStemmer());
            case "russian" -> input -> snowball(input, new RussianStemmer());
            case "dutch" -> input -> snowball(input, new DutchStemmer());
            default -> throw new IllegalArgumentException("no stemmer for language [" + language + "] in the test node");
        };
    }

    private static TokenStream snowball(TokenStream input, SnowballStemmer stemmer) {
        return new SnowballFilter(input, stemmer);
    }
}
