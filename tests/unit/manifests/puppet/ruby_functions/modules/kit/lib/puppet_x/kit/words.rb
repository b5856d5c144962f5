module PuppetX
  # Words.
  module Kit
    MARK = '!'.freeze

    # English.
    class Words
      ENDINGS = %w[s x ch sh].freeze

      def self.plural(word, count)
        return word if count == 1

        ending?(word) ? "#{word}es" : "#{word}s"
      end

      def self.ending?(word)
        ENDINGS.any? { |ending| word.end_with?(ending) }
      end
    end
  end
end
